import { editExternalSecret, refOfExternalSecret } from "../../domain/external-secrets.ts";
import type { ExternalSecretFacts, MissingStore, StoreKind, StoreRef } from "../../domain/external-secrets-facts.ts";
import { command, finding, safeCommand, type Finding } from "../../domain/finding.ts";
import { nearest } from "../../domain/text.ts";

/** A store that is nowhere, or is one of the other kind. */
export function missingStore(one: ExternalSecretFacts, ref: StoreRef, lost: MissingStore): Finding {
  const { kind, name, path, explicit } = ref;
  const subject = refOfExternalSecret(one);
  const evidence = [{ label: path.slice(1).replaceAll("/", "."), has: `${kind} ${name}`, path: `${path}/name` }];
  if (lost.otherKind) {
    const other: StoreKind = kind === "SecretStore" ? "ClusterSecretStore" : "SecretStore";
    const because = explicit ? `names ${kind} ${name}` : `names ${name} without a kind, which means ${kind}`;
    const message = `ExternalSecret ${one.name} ${because}; ${name} is a ${other}`;
    return finding("eso.store-kind", "critical", subject, message, {
      evidence: [{ ...evidence[0], label: "kind", want: other, has: explicit ? kind : `${kind} (the default)` }],
      fixes:
        one.owner === undefined && path === "/spec/secretStoreRef"
          ? [setKind(one, other), ...editExternalSecret(one, `secretStoreRef.kind: ${other}`).slice(0, 1)]
          : editExternalSecret(one, `kind: ${other} in ${path.slice(1).replaceAll("/", ".")}`),
    });
  }
  const near = nearest(name, lost.others);
  const there =
    lost.others.length === 0 ? "" : `; there ${lost.others.length === 1 ? "is" : "are"} ${lost.others.join(", ")}`;
  const message = `ExternalSecret ${one.name} names ${kind} ${name}, which does not exist${near === undefined ? there : `; did you mean ${near}?`}`;
  const list =
    kind === "SecretStore"
      ? safeCommand`kubectl get secretstores,clustersecretstores -n ${one.namespace}`
      : safeCommand`kubectl get clustersecretstores`;
  return finding("eso.store-missing", "critical", subject, message, {
    evidence,
    fixes:
      near === undefined
        ? [...editExternalSecret(one, `name a store that exists, or make ${kind} ${name}`), list]
        : [
            ...(one.owner === undefined && path === "/spec/secretStoreRef"
              ? [setName(one, near)]
              : editExternalSecret(one, `name ${near}`)),
            list,
          ],
    transient: true,
  });
}

function setKind({ name, namespace }: ExternalSecretFacts, kind: StoreKind) {
  return patch(name, namespace, { kind });
}

function setName({ name, namespace }: ExternalSecretFacts, store: string) {
  return patch(name, namespace, { name: store });
}

function patch(name: string, namespace: string, secretStoreRef: object) {
  const change = JSON.stringify({ spec: { secretStoreRef } });
  return command`kubectl patch externalsecret ${name} -n ${namespace} --type merge -p ${change}`;
}
