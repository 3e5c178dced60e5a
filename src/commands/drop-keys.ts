import { ACCESS_KEY_ID, CREDENTIAL_KEYS, hasStaticKey } from "../domain/env/static-keys.ts";
import { isPlain, secretSupplying } from "../domain/env/winners.ts";
import type { ClusterFacts, ReferenceFacts } from "../domain/facts.ts";
import { valueOf } from "../domain/known.ts";
import type { JsonPatchOperation } from "../domain/plan.ts";
import { shell } from "../domain/shell.ts";
import type { HmacKeyFacts } from "../domain/google-facts.ts";
import { printable, sentenceList } from "../domain/text.ts";
import type { IdentityInput } from "../plans/identity-input.ts";
import type { App } from "../ports.ts";
import type { LiveLook } from "./look.ts";
import { keysIn } from "./target-secret.ts";

/** Static keys that are there besides an identity (`of`: `role`) that is proven: how to do without them. Nothing about them is changed. */
export async function tellHowToDropKeys(
  { collection, flags }: LiveLook,
  input: IdentityInput,
  of: string,
  app: App,
): Promise<void> {
  // Without a connection no backup uses it, and the keys are all that they have.
  if (input.use === undefined) return;
  const facts = await collection.all(["cluster", "references", "environments", "staticKeys", "hmacKeys"]);
  const cluster = facts.cluster && valueOf(facts.cluster);
  const references = facts.references && valueOf(facts.references);
  const environments = (facts.environments && valueOf(facts.environments)) ?? [];
  if (cluster === undefined || references === undefined) return;
  if (hasStaticKey(cluster, environments, references) !== true) return;
  const { namespace, name } = cluster;
  const secret = secretOf(cluster, references);
  if (secret === undefined) {
    app.terminal.err(
      `The ${of} is proven, and the static keys are still there. Once a backup has succeeded with the ${of} they can go: ${shell`kubectl edit antflycluster ${name} -n ${namespace} ${flags}`}\n`,
    );
    return;
  }
  const others = Object.keys(knownKeys(references, secret)).filter((key) => !isCredential(key));
  const user = ((facts.staticKeys && valueOf(facts.staticKeys)) ?? []).find((key) => key.secret === secret);
  const owner = user?.key.state === "known" ? user.key.value.user : undefined;
  const hmac = ((facts.hmacKeys && valueOf(facts.hmacKeys)) ?? []).find((key) => key.secret === secret);
  const lines = [
    ...(others.length === 0 ? [] : [`# it also brings ${sentenceList(others)}: put these elsewhere first`]),
    shell`kubectl patch antflycluster ${name} -n ${namespace} --type json -p ${JSON.stringify(withoutSecret(cluster, secret))} ${flags}`,
    shell`antfly-creds doctor ${name} -n ${namespace} --prove --wait 10m ${flags}`,
    ...(owner === undefined ? [] : [deactivate(owner, namespace, secret, flags)]),
    ...(hmac === undefined ? [] : deactivateHmac(hmac, namespace, secret, flags)),
    shell`kubectl delete secret ${secret} -n ${namespace} ${flags}`,
  ];
  app.terminal.err(
    `The ${of} is proven, and the static keys of Secret ${secret} are still there and valid. Once a backup has succeeded with the ${of} they can go:\n${lines.map((line) => `  ${line}\n`).join("")}`,
  );
}

function secretOf(cluster: ClusterFacts, references: ReferenceFacts): string | undefined {
  const found = cluster.groups.map((group) => secretSupplying(ACCESS_KEY_ID, group.envFrom, keysIn(references)));
  return found.find((name) => name !== undefined);
}

function knownKeys(references: ReferenceFacts, secret: string): Readonly<Record<string, unknown>> {
  const fact = references.secrets[secret];
  return fact?.state === "known" ? fact.value.keys : {};
}

function isCredential(key: string): boolean {
  return (CREDENTIAL_KEYS as readonly string[]).includes(key);
}

/** Takes the Secret out of every node group; what has changed meanwhile is refused by the tests. */
function withoutSecret({ uid, groups }: ClusterFacts, secret: string): JsonPatchOperation[] {
  return [
    { op: "test", path: "/metadata/uid", value: uid },
    ...groups.flatMap(({ field, envFrom }) =>
      envFrom
        .map((source, index) => ({ source, path: `/spec/${field}/envFrom/${index}` }))
        .filter(({ source }) => isPlain(source, secret))
        // From the end: what is removed moves what comes after it.
        .toReversed()
        .flatMap(({ path }): JsonPatchOperation[] => [
          { op: "test", path: `${path}/secretRef/name`, value: secret },
          { op: "remove", path },
        ]),
    ),
  ];
}

/** An account's key may serve others besides; one that is inactive can be made active again. */
function deactivateHmac(
  { key, idKey }: HmacKeyFacts,
  namespace: string,
  secret: string,
  flags: readonly string[],
): string[] {
  if (key.state !== "known" || key.value.state !== "ACTIVE" || idKey === undefined) return [];
  const { account, project } = key.value;
  const read = shell`kubectl get secret ${secret} -n ${namespace} -o ${`jsonpath={.data.${idKey.replaceAll(".", String.raw`\.`)}}`} ${flags}`;
  return [
    `# unless something else uses this HMAC key of ${printable(account)}:`,
    `gcloud storage hmac update "$(${read} | base64 -d)" ${shell`--deactivate --project ${project}`}`,
  ];
}

function deactivate(user: string, namespace: string, secret: string, flags: readonly string[]): string {
  const read = shell`kubectl get secret ${secret} -n ${namespace} -o jsonpath={.data.AWS_ACCESS_KEY_ID} ${flags}`;
  return `${shell`aws iam update-access-key --user-name ${user} --status Inactive`} --access-key-id "$(${read} | base64 -d)"`;
}
