import * as z from "zod/mini";

import type {
  ExternalSecretFacts,
  MappedMap,
  SecretTemplate,
  StoreKind,
  StoreRef,
  SyncCondition,
} from "../../domain/external-secrets-facts.ts";
import { ownerOf } from "../../domain/owner.ts";
import { printable } from "../../domain/text.ts";
import { metadata, once, text } from "./schemas.ts";

z.config({ jitless: true });

const storeRef = z.nullish(z.object({ kind: z.nullish(text), name: z.nullish(text) }));
const sourceRef = z.nullish(z.object({ storeRef, generatorRef: z.nullish(z.unknown()) }));
const remote = z.object({
  key: z.nullish(text),
  property: z.nullish(text),
  decodingStrategy: z.nullish(text),
});
const template = z.nullish(
  z.object({
    mergePolicy: z.nullish(text),
    data: z.nullish(z.record(text, z.unknown())),
    templateFrom: z.nullish(z.array(z.unknown())),
  }),
);

/** Conditions of an ExternalSecret or a store. */
export const conditions = z.nullish(
  z.array(
    z.object({
      type: text,
      status: text,
      reason: z.nullish(text),
      message: z.nullish(text),
      lastTransitionTime: z.nullish(text),
    }),
  ),
);

const externalSecret = once(() =>
  z.object({
    apiVersion: z.nullish(text),
    metadata,
    spec: z.nullish(
      z.object({
        secretStoreRef: storeRef,
        refreshInterval: z.nullish(z.union([text, z.number()])),
        refreshPolicy: z.nullish(text),
        syncWindows: z.nullish(z.unknown()),
        target: z.nullish(
          z.object({
            name: z.nullish(text),
            creationPolicy: z.nullish(text),
            deletionPolicy: z.nullish(text),
            immutable: z.nullish(z.boolean()),
            manifest: z.nullish(z.object({ kind: z.nullish(text), apiVersion: z.nullish(text) })),
            template,
          }),
        ),
        data: z.nullish(z.array(z.object({ secretKey: text, remoteRef: z.nullish(remote), sourceRef }))),
        dataFrom: z.nullish(z.array(z.object({ extract: z.nullish(remote), find: z.nullish(remote), sourceRef }))),
      }),
    ),
    status: z.nullish(z.object({ conditions, refreshTime: z.nullish(text) })),
  }),
);

/** Defaults of the CRD (external-secrets.io_externalsecrets.yaml), which a manifest leaves out. */
const USUAL = {
  interval: "1h0m0s",
  policy: "Periodic",
  creation: "Owner",
  deletion: "Retain",
  decoding: "None",
} as const;

/**
 * An ExternalSecret; undefined for one that writes something else than a Secret. What stands under `template.data` may be
 * a secret: its names alone are kept.
 * @throws what zod throws for a shape that the API server would refuse
 */
export function parseExternalSecret(object: unknown): Omit<ExternalSecretFacts, "wanted"> | undefined {
  const { apiVersion, metadata: meta, spec, status } = z.parse(externalSecret(), object);
  const target = spec?.target;
  if (target?.manifest && (target.manifest.kind !== "Secret" || target.manifest.apiVersion !== "v1")) return undefined;
  const data = spec?.data ?? [];
  const dataFrom = spec?.dataFrom ?? [];
  const stores = [
    refAt(spec?.secretStoreRef, "/spec/secretStoreRef"),
    ...data.map((one, i) => refAt(one.sourceRef?.storeRef, `/spec/data/${i}/sourceRef/storeRef`)),
    ...dataFrom.map((one, i) => refAt(one.sourceRef?.storeRef, `/spec/dataFrom/${i}/sourceRef/storeRef`)),
  ].filter((ref) => ref !== undefined);
  return {
    namespace: meta.namespace ?? "",
    name: meta.name,
    uid: meta.uid ?? undefined,
    apiVersion: apiVersion ?? "",
    createdAt: meta.creationTimestamp ?? undefined,
    deleting: Boolean(meta.deletionTimestamp),
    target: target?.name || meta.name,
    stores,
    refreshInterval: String(spec?.refreshInterval ?? USUAL.interval),
    refreshPolicy: spec?.refreshPolicy || USUAL.policy,
    syncWindows: spec?.syncWindows !== undefined && spec.syncWindows !== null,
    creationPolicy: target?.creationPolicy || USUAL.creation,
    deletionPolicy: target?.deletionPolicy || USUAL.deletion,
    immutable: target?.immutable === true,
    data: data.map(({ secretKey, remoteRef }) => ({
      secretKey,
      remoteKey: remoteRef?.key ?? "",
      property: remoteRef?.property || undefined,
      decoding: remoteRef?.decodingStrategy || USUAL.decoding,
    })),
    dataFrom: dataFrom.map(mapOf),
    template: templateOf(target?.template),
    ready: readyOf(status?.conditions),
    refreshTime: status?.refreshTime ?? undefined,
    owner: ownerOf(meta),
  };
}

function refAt(ref: z.infer<typeof storeRef>, path: string): StoreRef | undefined {
  if (!ref?.name) return undefined;
  const kind: StoreKind = ref.kind === "ClusterSecretStore" ? "ClusterSecretStore" : "SecretStore";
  return { kind, name: ref.name, path, explicit: Boolean(ref.kind) };
}

function mapOf(entry: {
  readonly extract?: z.infer<typeof remote> | null | undefined;
  readonly find?: z.infer<typeof remote> | null | undefined;
  readonly sourceRef?: z.infer<typeof sourceRef>;
}): MappedMap {
  const { extract, find, sourceRef: source } = entry;
  const from = extract ? "extract" : find ? "find" : source?.generatorRef ? "generator" : "other";
  const decoding = (extract ?? find)?.decodingStrategy || USUAL.decoding;
  return { from, remoteKey: extract?.key ?? undefined, decoding };
}

function templateOf(given: z.infer<typeof template>): SecretTemplate | undefined {
  if (!given) return undefined;
  return {
    mergePolicy: given.mergePolicy || "Replace",
    keys: Object.keys(given.data ?? {}),
    more: (given.templateFrom ?? []).length > 0,
  };
}

/** The condition `Ready`; a Secret that was taken away is told by its reason (`SecretDeleted`), and its status is True. */
export function readyOf(list: z.infer<typeof conditions>): SyncCondition | undefined {
  const ready = list?.find(({ type }) => type === "Ready");
  if (ready === undefined) return undefined;
  return {
    status: ready.status,
    reason: ready.reason ?? "",
    message: printable(ready.message ?? ""),
    since: ready.lastTransitionTime ?? undefined,
  };
}
