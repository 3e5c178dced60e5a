import * as z from "zod/mini";

import type {
  AuthSecretRef,
  SecretStoreFacts,
  StoreAccountRef,
  StoreCondition,
  StoreKind,
} from "../../domain/external-secrets-facts.ts";
import { ownerOf } from "../../domain/owner.ts";
import type { KubeObject } from "../../ports.ts";
import { conditions, readyOf } from "./external-secret.ts";
import { metadata, once, strings, text } from "./schemas.ts";

z.config({ jitless: true });

const secretStore = once(() =>
  z.object({
    apiVersion: z.nullish(text),
    metadata,
    spec: z.nullish(
      z.object({
        provider: z.nullish(z.record(text, z.unknown())),
        conditions: z.nullish(
          z.array(
            z.object({
              namespaces: z.nullish(z.array(text)),
              namespaceRegexes: z.nullish(z.array(text)),
              namespaceSelector: z.nullish(
                z.object({ matchLabels: strings, matchExpressions: z.nullish(z.array(z.unknown())) }),
              ),
            }),
          ),
        ),
      }),
    ),
    status: z.nullish(z.object({ conditions })),
  }),
);

/**
 * A SecretStore or ClusterSecretStore, used from this namespace: what a cluster store names without a namespace is looked
 * for there, and a namespace that a SecretStore names is passed over (its CRD, `auth`).
 */
export function parseSecretStore(object: unknown, kind: StoreKind, from: string): SecretStoreFacts {
  const { apiVersion, metadata: meta, spec, status } = z.parse(secretStore(), object);
  const [provider = "", raw] = Object.entries(spec?.provider ?? {})[0] ?? [];
  const settings = isMapping(raw) ? raw : {};
  const placeOf = (ref: KubeObject): string => {
    const named = ref["namespace"];
    return kind === "ClusterSecretStore" && typeof named === "string" && named !== "" ? named : from;
  };
  const found = refsIn(settings, `/spec/provider/${provider}`);
  return {
    kind,
    name: meta.name,
    namespace: kind === "SecretStore" ? (meta.namespace ?? from) : undefined,
    uid: meta.uid ?? undefined,
    apiVersion: apiVersion ?? "",
    provider,
    service: textAt(settings, "service"),
    region: textAt(settings, "region"),
    project: textAt(settings, "projectID"),
    mount: textAt(settings, "path"),
    vaultUrl: textAt(settings, "vaultUrl"),
    account: found.flatMap(({ field, ref }) => (field === "serviceAccountRef" ? accountOf(ref, placeOf) : []))[0],
    secrets: found.flatMap(({ field, ref, path }) =>
      field === "serviceAccountRef" ? [] : secretOf(ref, path, placeOf),
    ),
    conditions: (spec?.conditions ?? []).map(({ namespaces, namespaceRegexes, namespaceSelector }): StoreCondition => ({
      namespaces: namespaces ?? [],
      regexes: namespaceRegexes ?? [],
      labels: namespaceSelector ? (namespaceSelector.matchLabels ?? {}) : undefined,
      expressions: (namespaceSelector?.matchExpressions ?? []).length > 0,
    })),
    ready: readyOf(status?.conditions),
    owner: ownerOf(meta),
  };
}

interface FoundRef {
  readonly field: string;
  readonly ref: KubeObject;
  readonly path: string;
}

/** Providers differ in where they keep them; what refers to a Secret has a name and a key, and to an account its field. */
function refsIn(value: KubeObject, path: string): FoundRef[] {
  return Object.entries(value).flatMap(([field, part]): FoundRef[] => {
    if (!isMapping(part)) return [];
    const at = `${path}/${field}`;
    const named = typeof part["name"] === "string";
    const isSecret =
      /(^auth$|secret|ref$|cert|key|clientid|tenantid|token|credconfig)/i.test(field) && field !== "configMap";
    if (named && (field === "serviceAccountRef" || (isSecret && typeof part["key"] === "string")))
      return [{ field, ref: part, path: at }];
    return refsIn(part, at);
  });
}

function accountOf(ref: KubeObject, placeOf: (ref: KubeObject) => string): StoreAccountRef {
  const audiences: readonly unknown[] = Array.isArray(ref["audiences"]) ? ref["audiences"] : [];
  return {
    namespace: placeOf(ref),
    name: String(ref["name"]),
    audiences: audiences.filter((one) => typeof one === "string"),
  };
}

function secretOf(ref: KubeObject, path: string, placeOf: (ref: KubeObject) => string): AuthSecretRef {
  return { namespace: placeOf(ref), name: String(ref["name"]), key: String(ref["key"]), path };
}

function textAt(settings: KubeObject, field: string): string | undefined {
  const value = settings[field];
  return typeof value === "string" && value !== "" ? value : undefined;
}

function isMapping(value: unknown): value is KubeObject {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
