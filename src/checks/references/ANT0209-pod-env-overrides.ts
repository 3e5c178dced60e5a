import type { EffectiveEnvironment } from "../../domain/env/effective.ts";
import { describeSource } from "../../domain/env/effective.ts";
import { CREDENTIAL_KEYS, REGION } from "../../domain/env/static-keys.ts";
import type { ClusterFacts, ContainerVariable, PodFacts } from "../../domain/facts.ts";
import { edit, finding, safeCommand, type Finding, type Severity } from "../../domain/finding.ts";
import { refOfCluster } from "../../domain/fixes.ts";
import { GET_SECRETS, LIST_PODS } from "../../domain/grants.ts";
import { count } from "../../domain/text.ts";
import { defineCheck } from "../define.ts";

const JUDGED: readonly string[] = [...CREDENTIAL_KEYS, "AWS_DEFAULT_REGION"];

export default defineCheck({
  code: "ANT0209",
  slug: "pod-env-overrides",
  title: "Nothing in the pods overrides what envFrom sets",
  area: "references",
  causes: ["k8s.env-overrides-envfrom", "s3.region-injected"],
  needs: ["cluster", "environments", "pods"],
  after: ["ANT0201"],
  notIn: { files: "files do not show pods", overlay: "the pods that the manifests will make are not there yet" },
  required: true,
  effect: "read",
  severity: "error",
  grants: [GET_SECRETS, LIST_PODS],
  run: ({ cluster, environments = [], pods = [] }) => {
    if (cluster === undefined) return [];
    if (pods.length === 0) return { skip: "the cluster has no pods" };
    const overriding = pods.flatMap((pod) => {
      const environment = environments.find((one) => one.of === pod.group);
      return environment === undefined ? [] : overrides(pod, environment);
    });
    return JUDGED.flatMap((name) => {
      const mine = overriding.filter(({ variable }) => variable.name === name);
      return mine.length === 0 ? [] : [tell(cluster, name, mine)];
    });
  },
});

interface Override {
  readonly pod: PodFacts;
  readonly variable: ContainerVariable;
  readonly source: string;
}

/** Explicit entries with another value than a source of envFrom gives the same name. */
function overrides(pod: PodFacts, { variables }: EffectiveEnvironment): Override[] {
  return pod.env.flatMap((variable): Override[] => {
    const supply = variables[variable.name]?.from;
    if (supply === undefined || !JUDGED.includes(variable.name)) return [];
    const { from, facts } = variable;
    const same =
      from === undefined
        ? facts?.fingerprint === supply.facts.fingerprint
        : from.kind === supply.source.kind && from.name === supply.source.name && from.key === supply.key;
    return same ? [] : [{ pod, variable, source: describeSource(supply.source) }];
  });
}

function tell(cluster: ClusterFacts, name: string, list: readonly Override[]): Finding {
  const isRegion = name === REGION || name === "AWS_DEFAULT_REGION";
  const [first] = list;
  const where = first?.variable.from;
  const origin = where === undefined ? "an env entry of the pod" : `key ${where.key} of ${where.kind} ${where.name}`;
  const by = isRegion
    ? "an admission webhook puts the cluster's region there when no env entry has one"
    : "an admission webhook or somebody put it there; the operator writes no env entries";
  const severity: Severity = isRegion || name.endsWith("ENDPOINT_URL") ? "warning" : "error";
  const message = `${name} of ${count(list.length, "pod")} comes from ${origin} and wins over ${first?.source}: ${by}`;
  return finding(
    isRegion ? "s3.region-injected" : "k8s.env-overrides-envfrom",
    severity,
    refOfCluster(cluster),
    message,
    {
      evidence: list.map(({ pod, source }) => ({ label: `pod ${pod.name}`, want: source, has: `env ${name}` })),
      fixes: [
        safeCommand`kubectl get pod ${first?.pod.name ?? ""} -n ${cluster.namespace} -o jsonpath={.spec.containers[?(@.name=="antfly")].env}`,
        edit(
          isRegion
            ? "keep the bucket in the cluster's region, or name region and endpoint in spec.config"
            : `remove ${name} from what adds it`,
        ),
      ],
    },
  );
}
