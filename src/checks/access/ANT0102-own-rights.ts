import type { AccessFacts } from "../../domain/facts.ts";
import { safeCommand, finding } from "../../domain/finding.ts";
import { describeGrant, type Grant } from "../../domain/grant.ts";
import { sentenceList } from "../../domain/text.ts";
import { defineCheck } from "../define.ts";

export default defineCheck({
  code: "ANT0102",
  slug: "own-rights",
  title: "You may read what the checks need",
  area: "access",
  needs: ["access"],
  after: ["ANT0101"],
  required: false,
  effect: "read",
  severity: "warning",
  grants: [],
  run: ({ access }, { grants, target }) => {
    if (access === undefined) return { skip: "the server has no SelfSubjectRulesReview" };
    const missing = grants.filter((grant) => grant.scope === "namespace" && !grant.optional && !allows(access, grant));
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
        fixes: [safeCommand`antfly-creds permissions -n ${target.namespace}`],
      }),
    ];
  },
});

/** A rule may name objects; then the call for another name is refused, and its own check says so. */
function allows({ rules }: AccessFacts, grant: Grant): boolean {
  const has = (list: readonly string[], item: string): boolean => list.includes(item) || list.includes("*");
  return rules.some(
    (rule) =>
      has(rule.verbs, grant.verb) &&
      has(rule.apiGroups, grant.group) &&
      has(rule.resources, grant.resource) &&
      (rule.resourceNames.length === 0 || grant.named !== undefined),
  );
}
