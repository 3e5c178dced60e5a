import type { SecretStoreFacts, StoreCondition } from "../../domain/external-secrets-facts.ts";
import { finding, type Finding } from "../../domain/finding.ts";
import { describeStore, editStore, eventEvidence, refOfStore, type StoreUse } from "./store-use.ts";

type Admission = "admitted" | "denied" | "unknown";

/** Any one condition admits, and within one any of its three forms (ESO, `shouldProcessSecret`). */
export function admission(
  { kind, conditions }: SecretStoreFacts,
  namespace: string,
  labels: Readonly<Record<string, string>> | undefined,
): Admission {
  if (kind !== "ClusterSecretStore" || conditions.length === 0) return "admitted";
  const each = conditions.map((one) => admittedBy(one, namespace, labels));
  if (each.includes("admitted")) return "admitted";
  return each.includes("unknown") ? "unknown" : "denied";
}

function admittedBy(
  condition: StoreCondition,
  namespace: string,
  labels: Readonly<Record<string, string>> | undefined,
): Admission {
  const { namespaces, regexes, labels: wanted, expressions } = condition;
  if (namespaces.includes(namespace)) return "admitted";
  const matches = regexes.map((regex) => matchesRegex(regex, namespace));
  if (matches.includes(true)) return "admitted";
  if (wanted !== undefined && !expressions && labels !== undefined) {
    if (Object.entries(wanted).every(([key, value]) => labels[key] === value)) return "admitted";
  } else if (wanted !== undefined) return "unknown";
  return matches.includes(undefined) ? "unknown" : "denied";
}

/** Only what Go and JavaScript read alike and in linear time: anything cleverer is not tried out here. */
const PLAIN_REGEX = /^\^?(?:[a-z0-9-]|\.\*|\.\+|\.|\[[a-z0-9-]+\][*+]?)*\$?$/;

function matchesRegex(regex: string, namespace: string): boolean | undefined {
  const loops = regex.match(/[*+]/g)?.length ?? 0;
  if (regex.length > 200 || loops > 3 || !PLAIN_REGEX.test(regex)) return undefined;
  try {
    return new RegExp(regex).test(namespace);
  } catch {
    return undefined;
  }
}

export function deniedBy({ one, store, event }: StoreUse, namespace: string): Finding {
  const message = `${describeStore(store)} does not admit namespace ${namespace}: ExternalSecret ${one.name} gets nothing from it`;
  const admitted = store.conditions.flatMap(({ namespaces, regexes, labels }) => [
    ...namespaces,
    ...regexes.map((regex) => `/${regex}/`),
    ...(labels === undefined
      ? []
      : [
          `labels ${Object.entries(labels)
            .map(([key, value]) => `${key}=${value}`)
            .join(",")}`,
        ]),
  ]);
  return finding("eso.cluster-store-denied", "critical", refOfStore(store), message, {
    evidence: [
      {
        label: "spec.conditions",
        want: namespace,
        has: admitted.join(", ") || "none that fits",
        path: "/spec/conditions",
      },
      ...eventEvidence(event),
    ],
    fixes: editStore(store, `add ${namespace} to spec.conditions of ${describeStore(store)}`),
  });
}
