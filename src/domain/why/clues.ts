import { principalsIn, type Principal } from "./arns.ts";
import { nameAt, nameOrNothing } from "./conceal.ts";
import { unreachedIn, type Unreached } from "./hosts.ts";
import { keyIdIn, type KeyId } from "./key-ids.ts";
import { actionOf } from "./operations.ts";
import * as names from "./names.ts";
import { onOneLine, prepare } from "./prepare.ts";

/** The names in a text that candidates are told with. Only what can be shown: never what looks like a secret. */
export interface Clues {
  /** The text without decorations, on one line: what symptoms are looked for in. */
  readonly flat: string;
  readonly namespace: string | undefined;
  /** Usually one; operators of generation 1 list all that they miss. */
  readonly secrets: readonly string[];
  readonly configMap: string | undefined;
  /** The key of a Secret, or the variable. */
  readonly key: string | undefined;
  readonly serviceAccount: string | undefined;
  readonly pod: string | undefined;
  readonly job: string | undefined;
  /** Who was refused, if the error says so. */
  readonly caller: Principal | undefined;
  /** The role that somebody wanted to become. */
  readonly role: Principal | undefined;
  /** `s3:PutObject`, said outright or as the operation that failed. */
  readonly action: string | undefined;
  readonly bucket: string | undefined;
  readonly region: string | undefined;
  readonly expectedRegion: string | undefined;
  readonly keyId: KeyId | undefined;
  readonly issuer: string | undefined;
  /** A Google service account's address. */
  readonly email: string | undefined;
  /** The project of `PROJECT.svc.id.goog`. */
  readonly project: string | undefined;
  /** The gs:// or storage.* permission that Google denied. */
  readonly permission: string | undefined;
  readonly store: string | undefined;
  readonly storeKind: "SecretStore" | "ClusterSecretStore";
  readonly externalSecret: string | undefined;
  /** The entry in the provider that External Secrets asked for. */
  readonly remote: string | undefined;
  /** The text is External Secrets', or of a provider that it reads. */
  readonly eso: boolean;
  readonly unreached: Unreached | undefined;
}

const ESO =
  /external-?secrets?\b|SecretStore|ExternalSecret|secretsmanager|secretmanager|could not get secret data from provider|Secrets Manager/i;

/** `namespace` is where the text was found; one that it names itself counts more. */
export function cluesOf(text: string, namespace?: string): Clues {
  const prepared = prepare(text);
  const flat = onOneLine(prepared);
  const account = firstPair(flat, names.SERVICE_ACCOUNT);
  const principals = principalsIn(flat);
  return {
    flat,
    namespace: first(flat, names.NAMESPACE) ?? account?.[0] ?? namespace,
    secrets: secretsIn(flat),
    configMap: first(flat, names.CONFIG_MAP),
    key: first(flat, names.KEY),
    serviceAccount: account?.[1] ?? first(flat, names.LONE_ACCOUNT),
    pod: first(flat, names.POD),
    job: first(flat, names.JOB),
    caller: callerOf(flat, principals),
    role: principals.find((one) => one.kind === "role"),
    action: actionOf(flat),
    bucket: first(flat, names.BUCKET),
    region: first(flat, names.REGION),
    expectedRegion: first(flat, names.EXPECTED_REGION),
    keyId: keyIdIn(prepared),
    issuer: first(flat, names.ISSUER),
    email: first(flat, names.EMAIL),
    project: first(flat, names.PROJECT),
    permission: first(flat, names.PERMISSION),
    store: first(flat, names.STORE),
    storeKind: /ClusterSecretStore|cluster store/i.test(flat) ? "ClusterSecretStore" : "SecretStore",
    externalSecret: first(flat, names.EXTERNAL_SECRET),
    remote: first(flat, names.REMOTE),
    eso: ESO.test(flat),
    unreached: unreachedIn(flat),
  };
}

/** What the first of the patterns that fits captures, if it may be shown. */
function first(flat: string, patterns: readonly RegExp[]): string | undefined {
  for (const pattern of patterns) {
    const name = nameAt(flat, pattern.exec(flat));
    if (name !== undefined) return name;
  }
  return undefined;
}

function firstPair(flat: string, patterns: readonly RegExp[]): [string, string] | undefined {
  for (const pattern of patterns) {
    const match = pattern.exec(flat);
    const [one, two] = [nameAt(flat, match), nameAt(flat, match, 2)];
    if (one !== undefined && two !== undefined) return [one, two];
  }
  return undefined;
}

function secretsIn(flat: string): string[] {
  const listed = /Secret\(s\) not found: \[([^\]]{1,1000})\]/i.exec(flat)?.[1]?.split(" ") ?? [];
  const found = listed.flatMap((name) => nameOrNothing(name) ?? []);
  return found.length > 0 ? [...new Set(found)] : [first(flat, names.SECRET) ?? []].flat();
}

/** `User: arn:…` is who asked; without it an assumed role can only be that. */
function callerOf(flat: string, principals: readonly Principal[]): Principal | undefined {
  const named = /User: arn:/i.test(flat) ? principalsIn(flat.slice(flat.search(/User: arn:/i)))[0] : undefined;
  return named ?? principals.find((one) => one.kind === "assumed-role");
}
