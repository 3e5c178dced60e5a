import { isComplete, type EffectiveEnvironment } from "../../domain/env/effective.ts";
import { nodeEnvironments } from "../../domain/env/groups.ts";
import { ACCESS_KEY_ID, REQUIRED_KEYS, storeHoldsKey } from "../../domain/env/static-keys.ts";
import type { ClusterFacts, ReferenceFacts } from "../../domain/facts.ts";
import type { SecretFacts } from "../../domain/secret-facts.ts";
import { command, edit, finding, type Finding } from "../../domain/finding.ts";
import type { HmacKeyFacts } from "../../domain/google-facts.ts";
import { GET_SECRETS } from "../../domain/grants.ts";
import { count } from "../../domain/text.ts";
import { defineCheck, type CheckContext } from "../define.ts";

const DAY_MS = 86_400_000;

export default defineCheck({
  code: "ANT0801",
  slug: "credential-age",
  title: "The static keys are not older than they should be",
  area: "hygiene",
  causes: ["k8s.secret-old"],
  needs: ["cluster", "references", "environments"],
  wants: ["hmacKeys"],
  after: ["ANT0201"],
  notIn: { files: "a manifest does not say when its values were made" },
  required: false,
  effect: "read",
  severity: "warning",
  grants: [GET_SECRETS],
  run: ({ cluster, references, environments = [], hmacKeys = [] }, context) => {
    if (cluster === undefined || references === undefined) return [];
    const holders = new Set([...keyHolders(cluster, environments), ...storeHolder(cluster, references)]);
    if (holders.size === 0) {
      // What a source would bring that is missing or unreadable is not known.
      return nodeEnvironments(cluster, environments).every(isComplete)
        ? { skip: "no Secret of the cluster holds static keys" }
        : [];
    }
    const secrets = [...holders].flatMap((name) => {
      const fact = references.secrets[name];
      return fact?.state === "known" ? [{ name, facts: fact.value }] : [];
    });
    const there = secrets.filter(({ facts }) => !facts.inFile);
    if (secrets.length > 0 && there.length === 0) return { skip: "a manifest does not say when its values were made" };
    const made = (name: string): MadeKey | undefined => madeKeyOf(hmacKeys.find(({ secret }) => secret === name));
    const findings = there.flatMap(({ name, facts }) => judge(cluster, { name, facts, made: made(name) }, context));
    const undecided = there
      .filter(({ name, facts }) => facts.dataChangedAt === undefined && made(name) === undefined)
      .map(({ name }) => `Secret ${name} has no managedFields, and only they show when its data was written`);
    return { findings, undecided };
  },
});

/** Secrets that bring the key; a temporary one ends by itself. */
function keyHolders(cluster: ClusterFacts, environments: readonly EffectiveEnvironment[]): string[] {
  return nodeEnvironments(cluster, environments)
    .filter((node) => node.variables[ACCESS_KEY_ID]?.from?.facts.form !== "aws-temporary-key-id")
    .flatMap((node) =>
      REQUIRED_KEYS.flatMap((key) => {
        const from = node.variables[key]?.from;
        return from?.source.kind === "Secret" ? from.source.name : [];
      }),
    );
}

function storeHolder({ secretStore }: ClusterFacts, references: ReferenceFacts): string[] {
  const fact = secretStore === undefined ? undefined : references.secrets[secretStore];
  return secretStore !== undefined && fact?.state === "known" && storeHoldsKey(fact.value) === true
    ? [secretStore]
    : [];
}

/** An HMAC key, of which Google says when it was made. */
interface MadeKey {
  readonly keyId: string;
  readonly account: string;
  readonly createdAt: string;
}

function madeKeyOf(key: HmacKeyFacts | undefined): MadeKey | undefined {
  if (key?.key.state !== "known") return undefined;
  const { account, createdAt } = key.key.value;
  return createdAt === undefined ? undefined : { keyId: key.keyId, account, createdAt };
}

interface Holder {
  readonly name: string;
  readonly facts: SecretFacts;
  readonly made: MadeKey | undefined;
}

/**
 * Three ages, kept apart. The Secret's own says little: a rotation in place keeps it, and a Secret that is made anew may
 * hold the old key. The data's is bounded: it is at least as old as the last write that touched it. The credential's is
 * known to the cloud alone; where it was asked, it decides.
 */
function judge(
  { namespace, name: cluster }: ClusterFacts,
  { name, facts, made }: Holder,
  { now, policy }: CheckContext,
): Finding[] {
  const { createdAt, dataChangedAt } = facts;
  const days = Math.floor((now.getTime() - Date.parse(made?.createdAt ?? dataChangedAt ?? "")) / DAY_MS);
  // Not a number where it is not known.
  if (!(days > policy.maxAgeDays)) return [];
  const subject = { kind: "Secret", namespace, name };
  const evidence = [
    { label: "object", has: `created ${createdAt}` },
    {
      label: "data",
      has: dataChangedAt === undefined ? "not known" : `not changed since ${dataChangedAt}, perhaps for longer`,
    },
    {
      label: "credential",
      has: made === undefined ? whoKnows(facts) : `${made.keyId} of ${made.account}, created ${made.createdAt}`,
    },
  ];
  const every = `it should be replaced every ${count(policy.maxAgeDays, "day")}`;
  const message =
    made === undefined
      ? `The key in Secret ${name} has not changed for at least ${count(days, "day")}; ${every}`
      : `HMAC key ${made.keyId} in Secret ${name} was made ${count(days, "day")} ago; ${every}`;
  const renew = command`antfly-creds init secret ${cluster} -n ${namespace} --secret-name ${name} --overwrite`;
  const mint =
    made === undefined
      ? renew
      : command`antfly-creds init secret ${cluster} -n ${namespace} --provider gcs --create-hmac ${made.account} --secret-name ${name} --overwrite`;
  return [
    finding("k8s.secret-old", "warning", subject, message, {
      evidence,
      fixes: [
        edit("make a second key for the same user, write it, see a backup succeed, then deactivate the first one:"),
        mint,
      ],
    }),
  ];
}

/** Where the age of the key itself is kept. */
function whoKnows({ keys }: SecretFacts): string {
  const forms = new Set(Object.values(keys).map(({ form }) => form));
  if (forms.has("aws-key-id")) return "AWS knows: aws iam list-access-keys --user-name USER";
  if (forms.has("gcs-hmac-id")) return "Google knows: gcloud storage hmac list";
  return "the store that it is for knows";
}
