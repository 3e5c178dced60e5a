import type { Known } from "../domain/known.ts";
import type { Generation } from "../domain/operator/generation.ts";
import type { Plan } from "../domain/plan.ts";
import { shell } from "../domain/shell.ts";
import { printable } from "../domain/text.ts";
import { candidatesFor } from "../domain/why/match.ts";
import { externalSecretSpec, type EntryPlace } from "../plans/external-secret-objects.ts";
import type { InitExternalSecretInput } from "../plans/init-external-secret.ts";
import { changeEntry, entryName, putEntry } from "../plans/remote-entry.ts";
import { readerName, readerNeeds, type SecretReader } from "../plans/secret-reader.ts";
import { withCode } from "./why.ts";

export interface PreparedExternalSecret {
  readonly plan: Plan;
  readonly input: InitExternalSecretInput;
  readonly reader: SecretReader;
  /** What keeps the entry; undefined where the store does not tell, or is of another kind. */
  readonly place: EntryPlace | undefined;
  readonly generation: Generation | undefined;
  /** What a person should know before agreeing. */
  readonly notes: readonly string[];
}

interface Before {
  readonly place: EntryPlace | undefined;
  readonly reader: SecretReader;
  /** That the cluster serves an old version, or none. */
  readonly version: string | undefined;
  /** Annotations of the store's ServiceAccount; undefined where it has none. */
  readonly account: Known<Readonly<Record<string, string>>> | undefined;
  /** Other sources of the node groups that set keys, and so lose. */
  readonly before: readonly string[];
  readonly flags: readonly string[];
}

/** What a person should know before agreeing. */
export function notesBefore(input: InitExternalSecretInput, told: Before): string[] {
  const { entry, store, externalSecret } = input;
  const { place, reader, version, before } = told;
  const notes = version === undefined ? [] : [version];
  if (externalSecret === undefined) {
    const reads = `External Secrets will read ${entry.idProperty} and ${entry.secretProperty} of ${entryName(place, entry)}`;
    notes.push([`${reads}; where that is not there yet,`, ...indented(putEntry(place, entry))].join("\n"));
  }
  if (store.made !== undefined && store.existing === undefined) {
    notes.push(`to read it, ${readerNeeds(store.made.manager, entry, reader)}; --write-to DIR writes that down`);
  }
  notes.push(...accountNotes(input, told));
  for (const source of before)
    notes.push(`${source} sets keys as well, and loses: take it out of envFrom when this works`);
  return notes.map((note) => note.split("\n").map(printable).join("\n"));
}

function accountNotes({ store }: InitExternalSecretInput, { reader, account, flags }: Before): string[] {
  if (account === undefined || account.state === "unknown") return [];
  if (account.state === "absent") return [`${readerName(reader)} is not there yet`];
  if (store.made?.manager.kind !== "aws-secrets-manager" || reader.role !== undefined) return [];
  const { namespace } = reader.cluster;
  const annotate = shell`kubectl annotate serviceaccount ${reader.serviceAccount ?? ""} -n ${namespace} ${"eks.amazonaws.com/role-arn=ROLE_ARN"} ${flags}`;
  return [`${readerName(reader)} names no IAM role, and without one External Secrets cannot read with it: ${annotate}`];
}

function indented(lines: readonly string[]): string[] {
  return lines.map((line) => `  ${line}`);
}

export function nothingToChange({ input: { secret, cluster } }: PreparedExternalSecret): string {
  return `Nothing to change: ExternalSecret ${secret} is as wanted, and every node group of AntflyCluster ${cluster.name} reads its Secret.\n`;
}

/** What the operator's own words point to, and what mends it here. */
export function whatItPointsTo(words: string, { input, place, reader }: PreparedExternalSecret): string | undefined {
  const { entry, store, cluster } = input;
  const [first] = candidatesFor(`ExternalSecret UpdateFailed: ${words}`, cluster.namespace);
  if (first === undefined) return undefined;
  const { cause, because, code } = withCode(first);
  const lines = [`${cause}${code === undefined ? "" : ` (${code})`}: ${because}`];
  if (cause === "eso.remote-missing") lines.push(...putEntry(place, entry));
  if (store.made !== undefined && (cause === "eso.remote-denied" || cause === "eso.store-irsa"))
    lines.push(readerNeeds(store.made.manager, entry, reader));
  return [...lines, shell`antfly-creds explain ${cause}`].join("\n");
}

/** The operator's objects, then its work, and then what rolls the pods. */
export function howToApply(folder: string, { input, plan }: PreparedExternalSecret, flags: readonly string[]): string {
  const { cluster, store, secret } = input;
  const { namespace, name } = cluster;
  const at = (file: string): string => `${folder.replace(/(?<=.)\/+$/, "")}/${file}`;
  const lines = [
    ...(store.made === undefined
      ? []
      : [shell`kubectl apply --server-side -f ${at(`secretstore-${store.name}.yaml`)} ${flags}`]),
    shell`kubectl apply --server-side -f ${at(`externalsecret-${secret}.yaml`)} ${flags}`,
    shell`kubectl wait --for condition=Ready ${`externalsecret/${secret}`} -n ${namespace} --timeout 2m ${flags}`,
    ...(hasReferences(plan)
      ? [
          shell`kubectl patch antflycluster ${name} -n ${namespace} --type merge --patch-file ${at(`antflycluster-${name}.patch.yaml`)} ${flags}`,
        ]
      : []),
  ];
  const reader = store.made === undefined ? "" : " (the reader's rights, in the other files, come first)";
  return `Nothing was changed on the cluster. To apply${reader}:\n${indented(lines).join("\n")}\n`;
}

function hasReferences({ steps }: Plan): boolean {
  return steps.some(({ do: kind }) => kind === "cluster.patch");
}

/** What will happen from now on, and what will not. */
export function afterwards({ input, place, generation }: PreparedExternalSecret, flags: readonly string[]): string {
  const { cluster, secret, entry } = input;
  const { namespace } = cluster;
  const refresh = String(externalSecretSpec(input, input.externalSecret?.spec)["refreshInterval"]);
  const interval = refresh.replace(/(?<=h)0m0s$|(?<=m)0s$/, "");
  const rolls =
    generation === 1
      ? "No refresh replaces a pod by itself: this operator does so at its next reconcile after it, all of them"
      : generation === undefined
        ? "No refresh replaces a pod by itself: they keep the values that they started with"
        : "No refresh replaces a pod: this operator looks at the Secret's name alone, and pods keep the values that they started with";
  const force = shell`kubectl annotate externalsecret ${secret} -n ${namespace} --overwrite`;
  const more = flags.length === 0 ? "" : shell` ${flags}`;
  return `
Secret ${namespace}/${secret} follows ${entryName(place, entry)}: what changes there is in the Secret within ${interval}.
${rolls}.
At a rotation:
  1. put both new values there${place === undefined ? "" : `: ${changeEntry(place, entry.key)}`}
  2. ${force} force-sync="$(date +%s)"${more}
  3. delete the pods one at a time, each after the one before is Ready again; antfly-creds doctor says which have old values
  4. only then deactivate the old key
`;
}
