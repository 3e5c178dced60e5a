import type { SharedKeys } from "../../domain/facts.ts";
import { edit, finding, type Finding } from "../../domain/finding.ts";
import { GET_SECRETS, LIST_ALL_SECRETS } from "../../domain/grants.ts";
import { environmentsOf } from "../../domain/policy.ts";
import { sentenceList } from "../../domain/text.ts";
import { defineCheck, type CheckContext } from "../define.ts";

export default defineCheck({
  code: "ANT0805",
  slug: "shared-key",
  title: "The access key is used in one place alone",
  area: "hygiene",
  causes: ["aws.key-shared"],
  needs: ["sharedKeys"],
  after: ["ANT0201"],
  thorough: true,
  required: false,
  effect: "read",
  severity: "info",
  grants: [GET_SECRETS, LIST_ALL_SECRETS],
  run: ({ sharedKeys = [] }, context) => sharedKeys.flatMap((shared) => judge(shared, context)),
});

/** In the same namespace it is untidy; across namespaces one leak opens both; across environments it must not be. */
function judge({ secret, others }: SharedKeys[number], { target, policy }: CheckContext): Finding[] {
  const namespaces = [...new Set(others.map((place) => place.split("/")[0] ?? ""))];
  const foreign = namespaces.filter((one) => one !== target.namespace);
  const mine = environmentsOf(target.namespace, policy);
  const crossed = foreign.flatMap((one) => environmentsOf(one, policy)).filter((one) => !mine.includes(one));
  const where = sentenceList(others);
  const message =
    crossed.length > 0 && mine.length > 0
      ? `The access key of Secret ${secret} is used in environment ${sentenceList([...new Set(crossed)])} as well as in ${sentenceList(mine)}: ${where}`
      : `The access key of Secret ${secret} is also in ${where}`;
  const severity = crossed.length > 0 && mine.length > 0 ? "error" : foreign.length > 0 ? "warning" : "info";
  return [
    finding("aws.key-shared", severity, { kind: "Secret", namespace: target.namespace, name: secret }, message, {
      evidence: others.map((place) => ({ label: "same key", has: place })),
      fixes: [edit("a key for each cluster: then one can be replaced, or taken away, without the others")],
    }),
  ];
}
