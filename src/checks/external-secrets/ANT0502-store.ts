import { distinctBy } from "../../domain/distinct.ts";
import { ofTheCluster } from "../../domain/external-secrets.ts";

import type { StoreRef } from "../../domain/external-secrets-facts.ts";
import { GET_ROLE } from "../../domain/aws-grants.ts";
import {
  GET_CLUSTER_SECRET_STORES,
  GET_STORE_ACCOUNTS,
  GET_STORE_SECRETS,
  LIST_EVENTS,
  LIST_EXTERNAL_SECRETS,
  LIST_SECRET_STORES,
} from "../../domain/external-secrets-grants.ts";
import { GET_ISSUER } from "../../domain/grants.ts";
import type { Finding } from "../../domain/finding.ts";
import { eventOf, syncCausesIn } from "../../domain/sync-cause.ts";
import { defineCheck } from "../define.ts";
import { authSecretFaults } from "./auth-secret.ts";
import { admission, deniedBy } from "./cluster-store.ts";
import { missingStore } from "./missing-store.ts";
import { isInvolved, NOT_INVOLVED } from "./not-involved.ts";
import { STORE_CAUSES } from "./store-causes.ts";
import { identityFaults } from "./store-identity.ts";
import { notReady } from "./store-ready.ts";

export default defineCheck({
  code: "ANT0502",
  slug: "external-secret-store",
  title: "The store of each ExternalSecret is there, admits it, and can authenticate",
  area: "external-secrets",
  causes: STORE_CAUSES,
  needs: ["cluster", "externalSecrets", "secretStores"],
  wants: ["syncEvents", "storeSecrets", "storeIdentities"],
  after: ["ANT0501"],
  required: true,
  requiredIf: isInvolved,
  effect: "read",
  severity: "critical",
  grants: [
    LIST_EXTERNAL_SECRETS,
    LIST_SECRET_STORES,
    GET_CLUSTER_SECRET_STORES,
    LIST_EVENTS,
    GET_STORE_SECRETS,
    GET_STORE_ACCOUNTS,
    GET_ISSUER,
  ],
  awsGrants: [{ ...GET_ROLE, optional: true }],
  run: (facts, { mode }) => {
    const { cluster, externalSecrets = [], secretStores, syncEvents = [] } = facts;
    const { storeSecrets = [], storeIdentities = [] } = facts;
    const mine = ofTheCluster(externalSecrets);
    const isOutside = (ref: StoreRef): boolean =>
      !(secretStores?.stores ?? []).some(({ kind, name }) => kind === ref.kind && name === ref.name);
    if (cluster === undefined || mine.length === 0 || secretStores === undefined) return NOT_INVOLVED;
    const undecided: string[] = [];
    const found = mine.flatMap((one) =>
      one.stores.flatMap((ref): Finding[] => {
        const store = secretStores.stores.find(({ kind, name }) => kind === ref.kind && name === ref.name);
        const lost = secretStores.missing.find(({ kind, name }) => kind === ref.kind && name === ref.name);
        // Files may leave out a store that the cluster has; one of the other kind is a slip all the same.
        if (lost !== undefined) return mode === "files" && !lost.otherKind ? [] : [missingStore(one, ref, lost)];
        if (store === undefined) return [];
        const event = eventOf("ExternalSecret", one, syncEvents) ?? eventOf(store.kind, store, syncEvents);
        const said = event === undefined ? [] : syncCausesIn(event.message);
        const use = { one, ref, store, event, said };
        const admits = admission(store, cluster.namespace, secretStores.namespaceLabels);
        if (admits === "denied" || said[0] === "eso.cluster-store-denied") return [deniedBy(use, cluster.namespace)];
        if (admits === "unknown" && one.ready?.status !== "True" && mode !== "files")
          undecided.push(`whether ${store.kind} ${store.name} admits namespace ${cluster.namespace} could not be told`);
        const identity = storeIdentities.find(({ store: of }) => of.kind === store.kind && of.name === store.name);
        const faults = [...authSecretFaults(use, storeSecrets), ...identityFaults(use, identity)];
        return faults.length > 0 ? faults : notReady(use);
      }),
    );
    if (mode === "files" && found.length === 0 && mine.some(({ stores }) => stores.some(isOutside)))
      return { skip: "the files do not hold the stores that the ExternalSecrets name" };
    return { findings: distinctBy(found, ({ message }) => message), undecided: found.length > 0 ? [] : undecided };
  },
});
