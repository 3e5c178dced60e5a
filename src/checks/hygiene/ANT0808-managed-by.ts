import type { Owner } from "../../domain/owner.ts";
import { edit, finding, type Finding, type Ref, type Severity } from "../../domain/finding.ts";
import { refOfCluster } from "../../domain/fixes.ts";
import { GET_SECRETS, LIST_CLUSTERS } from "../../domain/grants.ts";
import { defineCheck } from "../define.ts";

/** Where the change belongs instead. */
const UPSTREAM: Readonly<Record<Owner["tool"], string>> = {
  "Argo CD": "the Git repository that Argo CD syncs from",
  Flux: "the Git repository that Flux syncs from",
  Helm: "the values of the Helm release",
  "External Secrets": "the store that the ExternalSecret reads",
  "Sealed Secrets": "the SealedSecret, sealed anew",
};

export default defineCheck({
  code: "ANT0808",
  slug: "managed-by",
  title: "Nobody undoes what is changed by hand",
  area: "hygiene",
  causes: ["k8s.managed-by-other"],
  needs: ["cluster", "references"],
  after: ["ANT0201"],
  required: false,
  effect: "read",
  severity: "warning",
  grants: [LIST_CLUSTERS, GET_SECRETS],
  run: ({ cluster, references }) => {
    if (cluster === undefined || references === undefined) return [];
    const owned: Finding[] = cluster.owner === undefined ? [] : [tell(refOfCluster(cluster), cluster.owner, "info")];
    const secrets = Object.entries(references.secrets).flatMap(([name, fact]) => {
      const owner = fact.state === "known" ? fact.value.owner : undefined;
      return owner === undefined
        ? []
        : [tell({ kind: "Secret", namespace: cluster.namespace, name }, owner, gravityOf(owner))];
    });
    return [...secrets, ...owned];
  },
});

/**
 * Of an AntflyCluster it is the rule; of a Secret it decides how a key can be replaced. External Secrets is asked for by
 * whoever writes an ExternalSecret: that is how it should be, and ANT0506 tells of a value that was written by hand.
 */
function gravityOf({ tool }: Owner): Severity {
  return tool === "External Secrets" ? "info" : "warning";
}

function tell(subject: Ref, { tool, evidence }: Owner, severity: Severity): Finding {
  const message = `${tool} manages ${subject.kind} ${subject.name}: a change by hand does not last`;
  return finding("k8s.managed-by-other", severity, subject, message, {
    evidence: [{ label: "managed by", has: `${tool} (${evidence})`, path: "/metadata" }],
    fixes: [edit(`change ${UPSTREAM[tool]}`)],
  });
}
