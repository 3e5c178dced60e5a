import type { ApiServerFacts, ClockFacts, SharedKeys } from "../domain/facts.ts";
import { LIST_API_SERVER_PODS, LIST_LEASES, LIST_ALL_SECRETS } from "../domain/grants.ts";
import { absent, known, type Known } from "../domain/known.ts";
import { ACCESS_KEY_ID, isNearMiss } from "../domain/env/static-keys.ts";
import { LEASE, POD } from "../domain/resources.ts";
import type { Sensitive } from "../domain/sensitive.ts";
import { KubeError, type SecretObject } from "../ports.ts";
import { defineCollector, toKnown, type Collector, type World } from "./collector.ts";
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
      const [pod] = await reader.list(POD, CONTROL_PLANE, { labelSelector: "component=kube-apiserver" });
      const origin = { via: "kube", ref: "the API server's own pod" } as const;
      return pod === undefined ? absent(origin) : known(parseApiServer(pod), origin);
    }),
});

/** Every Secret is read: this is asked for by name, never by the way. */
const sharedKeys = defineCollector({
  gives: "sharedKeys",
  needs: ["references"],
  collect: ({ references }, { reader, namespace, fingerprint }): Promise<Known<SharedKeys>> =>
    toKnown("all Secrets", LIST_ALL_SECRETS, async () => {
      const mine = Object.entries(references.secrets).flatMap(([name, fact]) =>
        fact.state === "known" ? Object.entries(fact.value.keys).map(([key, facts]) => ({ name, key, facts })) : [],
      );
      const ids = mine.filter(({ key, facts }) => isKeyId(key) && !facts.unread && facts.bytes > 0);
      const places = new Map<string, string[]>();
      for (const secret of await reader.listSecrets(undefined)) {
        for (const [key, value] of Object.entries(secret.data)) {
          const print = printOf(value, fingerprint);
          if (value.reveal().length === 0 || !ids.some(({ facts }) => facts.fingerprint === print)) continue;
          const place = `${placeOf(secret, namespace)}, key ${key}`;
          places.set(print, [...(places.get(print) ?? []), place]);
        }
      }
      const shared = ids.map(({ name, key, facts }) => ({
        secret: name,
        others: (places.get(facts.fingerprint) ?? []).filter((place) => place !== `${namespace}/${name}, key ${key}`),
      }));
      return known(
        shared.filter(({ others }) => others.length > 0),
        { via: "kube", ref: "all Secrets" },
      );
    }),
});

/** Each value is looked at once, however many AntflyClusters there are. */
const prints = new WeakMap<Sensitive, string>();

function printOf(value: Sensitive, fingerprint: World["fingerprint"]): string {
  const print = prints.get(value) ?? fingerprint(value.reveal());
  prints.set(value, print);
  return print;
}

/** Facts that are read beyond the cluster's namespace. */
export const CLUSTER_WIDE_COLLECTORS: readonly Collector[] = [clocks, apiServer, sharedKeys, secretReadersCollector];

function isKeyId(key: string): boolean {
  return key.endsWith(ACCESS_KEY_ID) || isNearMiss(key, ACCESS_KEY_ID);
}

function placeOf(secret: SecretObject, fallback: string): string {
  const { name, namespace } = parseMetadata(secret.metadata);
  return `${namespace ?? fallback}/${name}`;
}
