import { CREDENTIAL_KEYS } from "../../domain/env/static-keys.ts";
import type { ClusterFacts } from "../../domain/facts.ts";
import type { InputFacts } from "../../domain/input-facts.ts";
import type { PodFacts } from "../../domain/workload-facts.ts";
import { describeRef, edit, finding, type Finding } from "../../domain/finding.ts";
import { refOfCluster } from "../../domain/fixes.ts";
import { LIST_CLUSTERS, LIST_PODS } from "../../domain/grants.ts";
import { isPublicKey } from "../../domain/values/public-keys.ts";
import { isRealValue } from "../../domain/values/secret-names.ts";
import { sentenceList } from "../../domain/text.ts";
import { defineCheck } from "../define.ts";

const SECRET_KEYS: readonly string[] = CREDENTIAL_KEYS.filter((name) => !isPublicKey(name));

export default defineCheck({
  code: "ANT0804",
  slug: "hardcoded",
  title: "No credential is written where no Secret is",
  area: "hygiene",
  scopes: ["inputs"],
  causes: ["k8s.credential-in-manifest"],
  needs: [],
  wants: ["cluster", "pods", "inputs"],
  after: ["ANT0101"],
  required: false,
  effect: "read",
  severity: "critical",
  grants: [LIST_CLUSTERS, LIST_PODS],
  run: ({ cluster, pods, inputs }) => {
    if (inputs !== undefined) return inFiles(inputs);
    if (cluster === undefined) return { findings: [], undecided: ["the AntflyCluster could not be read"] };
    const findings = [...inConfig(cluster), ...inPods(cluster, pods ?? [])];
    return pods === undefined ? { findings, undecided: ["the pods could not be listed"] } : findings;
  },
});

function inFiles({ literals, tracked }: InputFacts): Finding[] {
  return literals.map(({ subject, path, what, location }): Finding => {
    const kept = tracked?.includes(location.file) === true;
    const holder = subject.kind === "File" ? subject.name : describeRef(subject);
    const message = `${holder} holds ${what} in clear${kept ? ", and Git keeps the file" : ""}`;
    return {
      ...finding("k8s.credential-in-manifest", kept ? "critical" : "error", subject, message, {
        evidence: [{ label: "place", want: "a reference to a Secret", has: what, path }],
        fixes: [edit("take a new key, put it into a Secret, and name the Secret under envFrom")],
      }),
      location,
    };
  });
}

function inConfig(cluster: ClusterFacts): Finding[] {
  return cluster.configured.literals.map((path) => {
    const message = `spec.config holds ${path.split("/").at(-1)} in clear: everybody who may read the AntflyCluster reads it`;
    return finding("k8s.credential-in-manifest", "error", refOfCluster(cluster), message, {
      evidence: [{ label: "spec.config", want: "no credential", has: "a value in clear", path }],
      fixes: [edit("take a new key, put it into a Secret, name the Secret under envFrom, and take this one out")],
    });
  });
}

/** The operator writes no env entries: somebody put the value there by hand. */
function inPods(cluster: ClusterFacts, pods: readonly PodFacts[]): Finding[] {
  return SECRET_KEYS.flatMap((name) => {
    const mine = pods.filter((pod) =>
      pod.env.some((one) => one.name === name && one.facts !== undefined && isRealValue(one.facts)),
    );
    if (mine.length === 0) return [];
    const message = `${name} stands in clear in the spec of ${sentenceList(mine.map((pod) => pod.name))}: everybody who may read pods reads it`;
    return [
      finding("k8s.credential-in-manifest", "error", refOfCluster(cluster), message, {
        evidence: mine.map((pod) => ({ label: `pod ${pod.name}`, want: "envFrom", has: `env ${name} with a value` })),
        fixes: [edit(`take a new key, put it into a Secret of envFrom, and remove ${name} from what adds it`)],
      }),
    ];
  });
}
