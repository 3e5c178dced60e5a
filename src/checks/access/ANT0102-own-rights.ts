import type { BackupFacts, ClusterFacts, ReferenceFacts } from "../../domain/facts.ts";
import type { AccessFacts } from "../../domain/server-facts.ts";
import { safeCommand, finding } from "../../domain/finding.ts";
import { isGoogleInPlay } from "../../domain/gcp/in-play.ts";
import { describeGrant, type Grant } from "../../domain/grant.ts";
import { sentenceList } from "../../domain/text.ts";
import { defineCheck } from "../define.ts";

export default defineCheck({
  code: "ANT0102",
  slug: "own-rights",
  title: "You may read what the checks need",
  area: "access",
  causes: ["access.rights-missing"],
  needs: ["access"],
  wants: ["cluster", "backups", "references", "serviceAccount", "googleAims"],
  after: ["ANT0101"],
  notIn: { files: "no cluster is asked" },
  required: false,
  effect: "read",
  severity: "warning",
  grants: [],
  run: ({ access, cluster, backups, references, serviceAccount, googleAims }, { grants, target }) => {
    if (access === undefined) return { skip: "the server has no SelfSubjectRulesReview" };
    const used = {
      "external-secrets": maySync(references),
      google: isGoogleInPlay({ serviceAccount, googleAims }),
    };
    const missing = grants.filter(
      (grant) =>
        grant.scope === "namespace" &&
        grant.inNamespace === undefined &&
        !grant.optional &&
        (grant.onlyFor === undefined || used[grant.onlyFor]) &&
        !isAllowed(access, grant, namesFor(grant, cluster, backups)),
    );
    const names = [...new Set(missing.map(describeGrant))];
    if (names.length === 0) return [];
    if (access.incomplete)
      return {
        findings: [],
        undecided: [`the server could not list all rights; it does not show ${sentenceList(names)}`],
      };
    const message = `You may not ${sentenceList(names)} in namespace ${target.namespace}; what needs it is unknown`;
    return [
      finding("access.rights-missing", "warning", { kind: "Namespace", name: target.namespace }, message, {
        fixes: [safeCommand`antfly-creds permissions ${target.cluster ?? []} -n ${target.namespace}`],
      }),
    ];
  },
});

/** External Secrets is asked of where it has made a Secret, or could have made one that is missing. */
function maySync(references: ReferenceFacts | undefined): boolean {
  return Object.values(references?.secrets ?? {}).some(
    (fact) => fact.state === "absent" || (fact.state === "known" && fact.value.owner?.tool === "External Secrets"),
  );
}

/** The objects that the cluster refers to; undefined when it is not known which these are. */
function namesFor(
  { named }: Grant,
  cluster: ClusterFacts | undefined,
  backups: readonly BackupFacts[] | undefined,
): readonly string[] | undefined {
  if (cluster === undefined) return undefined;
  const sources = cluster.groups.flatMap((group) => group.envFrom);
  const of = (kind: string): string[] => sources.flatMap((source) => (source.kind === kind ? source.name : []));
  switch (named) {
    case "referenced-secrets":
      return [
        ...of("Secret"),
        ...(backups ?? []).flatMap((one) => one.credentialsSecret ?? []),
        ...(cluster.secretStore === undefined ? [] : [cluster.secretStore]),
      ];
    case "referenced-config-maps":
      return of("ConfigMap");
    case "service-account":
      return [cluster.serviceAccount ?? "default"];
    default:
      return undefined;
  }
}

function isAllowed(access: AccessFacts, grant: Grant, names: readonly string[] | undefined): boolean {
  const has = (list: readonly string[], item: string): boolean => list.includes(item) || list.includes("*");
  const rules = access.rules.filter(
    (rule) => has(rule.verbs, grant.verb) && has(rule.apiGroups, grant.group) && has(rule.resources, grant.resource),
  );
  if (names === undefined) return rules.some((rule) => rule.resourceNames.length === 0 || grant.named !== undefined);
  return names.every((name) =>
    rules.some((rule) => rule.resourceNames.length === 0 || rule.resourceNames.includes(name)),
  );
}
