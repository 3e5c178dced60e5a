import type { SharedKeys } from "../../domain/secret-facts.ts";
import { edit, finding, type Finding } from "../../domain/finding.ts";
import { GET_SECRETS, LIST_ALL_SECRETS } from "../../domain/grants.ts";
import { environmentsOf } from "../../domain/policy.ts";
import { sentenceList, shortList } from "../../domain/text.ts";
import { defineCheck, type CheckContext } from "../define.ts";

export default defineCheck({
  code: "ANT0805",
  slug: "shared-key",
  title: "The access key is used in one place alone",
  area: "hygiene",
  causes: ["aws.key-shared"],
  needs: ["sharedKeys", "references"],
  after: ["ANT0201"],
  thorough: true,
  required: false,
  effect: "read",
  severity: "info",
  grants: [GET_SECRETS, LIST_ALL_SECRETS],
  run: ({ sharedKeys = [] }, context) => sharedKeys.map((shared) => judge(shared, context)),
});

/** In the same namespace it is untidy; across namespaces one leak opens both; across environments it must not be. */
function judge({ secret, others }: SharedKeys[number], { target, policy }: CheckContext): Finding {
  const { namespace } = target;
  const foreign = [...new Set(others.map((one) => one.namespace))].filter((one) => one !== namespace);
  const mine = environmentsOf(namespace, policy);
  const crossed = foreign.flatMap((one) => environmentsOf(one, policy)).filter((one) => !mine.includes(one));
  const isCrossed = crossed.length > 0 && mine.length > 0;
  const where = describePlaces(others);
  const message = isCrossed
    ? `Environments ${sentenceList([...new Set([...mine, ...crossed])])} use one access key: that of Secret ${secret} is also in ${where}`
    : `The access key of Secret ${secret} is also in ${where}`;
  const severity = isCrossed ? "error" : foreign.length > 0 ? "warning" : "info";
  return finding("aws.key-shared", severity, { kind: "Secret", namespace, name: secret }, message, {
    evidence: others.map((one) => ({ label: "same key", has: `${one.namespace}/${one.name}, key ${one.key}` })),
    fixes: [edit("a key for each cluster: then one can be replaced, or taken away, without the others")],
  });
}

function describePlaces(others: SharedKeys[number]["others"]): string {
  const names = [...new Set(others.map(({ namespace, name }) => `${namespace}/${name}`))];
  return `Secret${names.length === 1 ? "" : "s"} ${shortList(names)}`;
}
