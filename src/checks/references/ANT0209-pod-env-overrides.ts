import { describeSource, type EffectiveEnvironment, type Supply } from "../../domain/env/effective.ts";
import { CREDENTIAL_KEYS, ENDPOINT_URL, REGION } from "../../domain/env/static-keys.ts";
import type { ClusterFacts, ReferenceFacts } from "../../domain/facts.ts";
import type { ContainerVariable, PodFacts } from "../../domain/workload-facts.ts";
import { edit, finding, safeCommand, type Finding, type Fix, type Severity } from "../../domain/finding.ts";
import { refOfCluster } from "../../domain/fixes.ts";
import { GET_SECRETS, LIST_PODS } from "../../domain/grants.ts";
import { count } from "../../domain/text.ts";
import { defineCheck } from "../define.ts";

export default defineCheck({
  code: "ANT0209",
  slug: "pod-env-overrides",
  title: "Nothing in the pods overrides what envFrom sets",
  area: "references",
  causes: ["k8s.env-overrides-envfrom", "s3.region-injected"],
  needs: ["cluster", "environments", "pods"],
  wants: ["references", "operator"],
  after: ["ANT0201"],
  notIn: { files: "files do not show pods", overlay: "the pods that the manifests will make are not there yet" },
  required: true,
  effect: "read",
  severity: "error",
  grants: [GET_SECRETS, LIST_PODS],
  run: ({ cluster, environments = [], pods = [], references, operator }) => {
    if (cluster === undefined) return [];
    const staying = pods.filter((pod) => !pod.terminating);
    if (staying.length === 0) return { skip: "the cluster has no pods" };
    // The Go images of generation 1 do not read the region.
    const judged = CREDENTIAL_KEYS.filter((name) => name !== REGION || operator?.generation !== 1);
    const overriding = staying.flatMap((pod) => {
      const environment = environments.find((one) => one.of === pod.group);
      return environment === undefined ? [] : overrides(pod, environment, references);
    });
    return judged.flatMap((name) => {
      const mine = overriding.filter(({ variable }) => variable.name === name);
      return mine.length === 0 ? [] : [tell(cluster, name, mine)];
    });
  },
});

interface Override {
  readonly pod: PodFacts;
  readonly variable: ContainerVariable;
  /** Goes on after `comes from an env entry`. */
  readonly against: string;
  /** That the two values differ is certain. */
  readonly certain: boolean;
}

/** Explicit entries of the container that say something else than `envFrom` does. */
function overrides(
  pod: PodFacts,
  { variables }: EffectiveEnvironment,
  references: ReferenceFacts | undefined,
): Override[] {
  return pod.env.flatMap((variable): Override[] => {
    const supply = variables[variable.name]?.from;
    if (supply === undefined) return contradictsEndpoint(pod, variable, variables[ENDPOINT_URL]?.from);
    const { kind, name, key } = variable.from ?? {};
    if (kind === supply.source.kind && name === supply.source.name && key === supply.key) return [];
    const print = variable.facts?.fingerprint ?? fingerprintOf(variable.from, references);
    if (print === supply.facts.fingerprint) return [];
    const against = `which wins over ${describeSource(supply.source)}`;
    return [{ pod, variable, against, certain: print !== undefined }];
  });
}

/** No source sets the region, and the one that was put there is another than the endpoint's. */
function contradictsEndpoint(pod: PodFacts, variable: ContainerVariable, endpoint: Supply | undefined): Override[] {
  const [region, wanted] = [variable.facts?.region, endpoint?.facts.endpoint?.region];
  if (variable.name !== REGION || region === undefined || wanted === undefined || region === wanted) return [];
  return [{ pod, variable, against: `which says ${region}, and ${ENDPOINT_URL} is in ${wanted}`, certain: true }];
}

/** Of an entry that takes its value from another Secret or ConfigMap, if the cluster refers to that as well. */
function fingerprintOf(from: ContainerVariable["from"], references: ReferenceFacts | undefined): string | undefined {
  if (from === undefined) return undefined;
  const fact = (from.kind === "Secret" ? references?.secrets : references?.configMaps)?.[from.name];
  return fact?.state === "known" ? fact.value.keys[from.key]?.fingerprint : undefined;
}

function tell(cluster: ClusterFacts, name: string, list: readonly Override[]): Finding {
  const [first] = list;
  const injected = name === REGION && first?.variable.from === undefined;
  const by = injected
    ? "an admission webhook puts the cluster's region there when no env entry has one"
    : "an admission webhook or somebody put it there, for the operator writes no such entry";
  const message = `On ${count(list.length, "pod")} ${name} comes from ${origin(first?.variable)}, ${first?.against}: ${by}`;
  const certain = list.every((one) => one.certain);
  const severity: Severity = !certain || name === REGION || name === ENDPOINT_URL ? "warning" : "error";
  const cause = name === REGION ? "s3.region-injected" : "k8s.env-overrides-envfrom";
  return finding(cause, severity, refOfCluster(cluster), message, {
    evidence: list.map(({ pod, variable, against }) => ({
      label: `pod ${pod.name}`,
      has: `${name} from ${origin(variable)}, ${against}`,
    })),
    fixes: [
      edit(
        injected
          ? "keep the bucket in that region, or let the pods run as a ServiceAccount without a role: the webhook leaves those alone"
          : `remove ${name} from what adds it`,
      ),
      whatTheTemplateSays(cluster, first?.pod),
    ],
  });
}

function origin(variable: ContainerVariable | undefined): string {
  const from = variable?.from;
  return from === undefined ? "an env entry" : `an env entry (key ${from.key} of ${from.kind} ${from.name})`;
}

/** Names alone, for a value may be a secret. What the template has, somebody wrote there; the rest came at admission. */
function whatTheTemplateSays({ namespace, groups }: ClusterFacts, pod: PodFacts | undefined): Fix {
  const statefulSet = groups.find(({ name }) => name === pod?.group)?.statefulSet ?? "";
  const names = 'jsonpath={.spec.template.spec.containers[?(@.name=="antfly")].env[*].name}';
  return safeCommand`kubectl get statefulset ${statefulSet} -n ${namespace} -o ${names}`;
}
