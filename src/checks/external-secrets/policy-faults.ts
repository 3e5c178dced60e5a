import { editExternalSecret, forceSync, refOfExternalSecret } from "../../domain/external-secrets.ts";
import type { ExternalSecretFacts } from "../../domain/external-secrets-facts.ts";
import { finding, type Finding } from "../../domain/finding.ts";
import { lookAt } from "./sync.ts";

/** The provider had no data any more, and the policy took the Secret away: the condition is Ready all the same. */
export function takenAway(one: ExternalSecretFacts, isMissing: boolean): Finding[] | undefined {
  if (one.ready?.reason !== "SecretDeleted" || !isMissing) return undefined;
  const message = `ExternalSecret ${one.name} has deleted Secret ${one.target}: the provider has no data for it any more, and deletionPolicy is Delete`;
  return [
    finding("eso.deletion-policy", "critical", refOfExternalSecret(one), message, {
      evidence: [
        { label: "deletionPolicy", want: "Retain", has: one.deletionPolicy, path: "/spec/target/deletionPolicy" },
        { label: "Ready", has: `${one.ready.status}: ${one.ready.reason}, ${one.ready.message}` },
      ],
      fixes: [
        ...editExternalSecret(one, "put the entry back at the provider, and set deletionPolicy to Retain").slice(0, 1),
        forceSync(one),
        lookAt(one),
      ],
    }),
  ];
}

/** The rules of ESO's webhook (externalsecret_validator.go), which says nothing where it is down or the API is asked offline. */
export function policyFaults(one: ExternalSecretFacts): Finding[] {
  const { creationPolicy, deletionPolicy } = one;
  const owns = creationPolicy === "Owner" || creationPolicy === "Orphan";
  if (deletionPolicy === "Delete" && !owns)
    return [
      invalid(
        one,
        `deletionPolicy Delete goes with creationPolicy Owner alone, and it has ${creationPolicy}`,
        "/spec/target/deletionPolicy",
      ),
    ];
  if (deletionPolicy === "Merge" && creationPolicy === "None")
    return [
      invalid(
        one,
        "deletionPolicy Merge has nothing to merge with, because creationPolicy None makes no Secret",
        "/spec/target/deletionPolicy",
      ),
    ];
  if (one.data.length === 0 && one.dataFrom.length === 0)
    return [invalid(one, "it has neither data nor dataFrom, and brings nothing", "/spec")];
  const seen = new Set<string>();
  const twice = one.data.findIndex(({ secretKey }) => seen.size === seen.add(secretKey).size);
  if (twice >= 0 && deletionPolicy === "Retain")
    return [invalid(one, `it maps ${one.data[twice]?.secretKey ?? ""} twice`, `/spec/data/${twice}/secretKey`)];
  return deletionPolicy === "Delete" && creationPolicy === "Owner" ? [mayBeDeleted(one)] : [];
}

function invalid(one: ExternalSecretFacts, why: string, path: string): Finding {
  const message = `The webhook of External Secrets refuses ExternalSecret ${one.name}: ${why}`;
  return finding("eso.invalid-combination", "error", refOfExternalSecret(one), message, {
    evidence: [
      { label: "spec.target", has: `creationPolicy ${one.creationPolicy}, deletionPolicy ${one.deletionPolicy}`, path },
    ],
    fixes: editExternalSecret(
      one,
      why.startsWith("deletionPolicy") ? "set creationPolicy to Owner and deletionPolicy to Retain" : "mend spec.data",
    ),
  });
}

function mayBeDeleted(one: ExternalSecretFacts): Finding {
  const message = `Secret ${one.target} goes when its entry at the provider does (deletionPolicy Delete): pods that start after that have no credentials`;
  return finding("eso.deletion-policy", "warning", refOfExternalSecret(one), message, {
    evidence: [{ label: "deletionPolicy", want: "Retain", has: "Delete", path: "/spec/target/deletionPolicy" }],
    fixes: editExternalSecret(one, "set spec.target.deletionPolicy to Retain"),
  });
}
