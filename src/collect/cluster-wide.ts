import type { SecretKey, SharedKeys } from "../domain/secret-facts.ts";
import type { ApiServerFacts, ClockFacts } from "../domain/server-facts.ts";
import { LIST_API_SERVER_PODS, LIST_LEASES, LIST_ALL_SECRETS } from "../domain/grants.ts";
import { absent, known, type Known } from "../domain/known.ts";
import { ACCESS_KEY_ID, isNearMiss, SECRET_ACCESS_KEY } from "../domain/env/static-keys.ts";
import { LEASE, POD } from "../domain/resources.ts";
import type { KeyFacts } from "../domain/values/classify.ts";
import { KubeError, type SecretObject } from "../ports.ts";
import { defineCollector, toKnown, type Collector, type World } from "./collector.ts";
import { encryptionAtRestCollector } from "./encryption-at-rest.ts";
import { parseApiServer } from "./objects/api-server.ts";
import { parseLease } from "./objects/lease.ts";
import { parseMetadata } from "./objects/schemas.ts";
import { secretReadersCollector } from "./secret-readers.ts";

/** Every kubelet renews its Lease here every ten seconds. */
const NODE_LEASES = "kube-node-lease";
const CONTROL_PLANE = "kube-system";

const clocks = defineCollector({
  gives: "clocks",
  needs: [],
  collect: (_, { reader }) =>
    toKnown<ClockFacts>("the nodes' Leases", LIST_LEASES, async () => {
      const leases = await reader.list(LEASE, NODE_LEASES);
      const now = reader.serverTime();
      if (now === undefined) throw new KubeError("not-given", "the server does not say what time it has");
      const clock = leases.flatMap((object) => {
        const { name, renewTime } = parseLease(object);
        const renewed = Date.parse(renewTime ?? "");
        return Number.isNaN(renewed) ? [] : [{ node: name, behindSeconds: (now.getTime() - renewed) / 1000 }];
      });
      return known(clock, { via: "kube", ref: "the nodes' Leases" });
    }),
});

const apiServer = defineCollector({
  gives: "apiServer",
  needs: [],
  collect: (_, { reader }) =>
    toKnown<ApiServerFacts>("the API server's own pod", LIST_API_SERVER_PODS, async () => {
      const pods = await reader.list(POD, CONTROL_PLANE, { labelSelector: "component=kube-apiserver" });
      const origin = { via: "kube", ref: "the API server's own pod" } as const;
      return pods.length === 0 ? absent(origin) : known(pods.map(parseApiServer), origin);
    }),
});

/** No access key is longer. */
const LONGEST_KEY = 1024;
/** Ids that their cloud gives out once. Others are names that somebody chose, and no key by themselves. */
const UNIQUE: ReadonlySet<KeyFacts["form"]> = new Set(["aws-key-id", "aws-temporary-key-id", "gcs-hmac-id"]);

/** Every Secret is read: this is asked for by name, never by the way. */
const sharedKeys = defineCollector({
  gives: "sharedKeys",
  needs: ["references"],
  collect: ({ references }, { reader, namespace, fingerprint }): Promise<Known<SharedKeys>> =>
    toKnown("all Secrets", LIST_ALL_SECRETS, async () => {
      const ids = Object.entries(references.secrets).flatMap(([name, fact]) =>
        fact.state === "known" ? idsIn(name, fact.value.keys) : [],
      );
      const holders = (await reader.listSecrets(undefined)).map((one) => holderOf(one, fingerprint));
      const shared = ids.map(({ secret, id, secretKey }) => ({
        secret,
        others: holders.flatMap(({ name, place = namespace, prints }): SecretKey[] => {
          const keys = prints.get(id.fingerprint);
          if (keys === undefined || (name === secret && place === namespace)) return [];
          const fits = UNIQUE.has(id.form) || prints.has(secretKey?.fingerprint ?? "");
          return fits ? keys.map((key) => ({ namespace: place, name, key })) : [];
        }),
      }));
      return known(
        shared.filter(({ others }) => others.length > 0),
        { via: "kube", ref: "all Secrets" },
      );
    }),
});

/** A Secret and which of its keys hold which value, by fingerprint. */
interface Holder {
  readonly name: string;
  readonly place: string | undefined;
  readonly prints: ReadonlyMap<string, readonly string[]>;
}

/** Each Secret is gone through once, however many AntflyClusters there are. */
const HOLDERS = new WeakMap<SecretObject, Holder>();

function holderOf(secret: SecretObject, fingerprint: World["fingerprint"]): Holder {
  const before = HOLDERS.get(secret);
  if (before !== undefined) return before;
  const prints = new Map<string, string[]>();
  for (const [key, value] of Object.entries(secret.data)) {
    const bytes = value.reveal();
    if (bytes.length === 0 || bytes.length > LONGEST_KEY) continue;
    const print = fingerprint(bytes);
    prints.set(print, [...(prints.get(print) ?? []), key]);
  }
  const { name, namespace } = parseMetadata(secret.metadata);
  const holder = { name, place: namespace ?? undefined, prints };
  HOLDERS.set(secret, holder);
  return holder;
}

/** Facts that are read beyond the cluster's namespace. */
export const CLUSTER_WIDE_COLLECTORS: readonly Collector[] = [
  clocks,
  apiServer,
  encryptionAtRestCollector,
  sharedKeys,
  secretReadersCollector,
];

/** The access keys in a Secret: each id, and the secret that goes with it. */
function idsIn(
  secret: string,
  keys: Readonly<Record<string, KeyFacts>>,
): { secret: string; id: KeyFacts; secretKey: KeyFacts | undefined }[] {
  const named = (wanted: string): KeyFacts[] =>
    Object.entries(keys).flatMap(([key, facts]) => {
      const isIt = key.endsWith(wanted) || isNearMiss(key, wanted);
      return isIt && !facts.unread && facts.bytes > 0 && !facts.shape.includes("placeholder") ? [facts] : [];
    });
  return named(ACCESS_KEY_ID).map((id) => ({ secret, id, secretKey: named(SECRET_ACCESS_KEY)[0] }));
}
