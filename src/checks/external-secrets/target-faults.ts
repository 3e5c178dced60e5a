import { editExternalSecret, forceSync, refOfExternalSecret } from "../../domain/external-secrets.ts";
import type { ExternalSecretFacts } from "../../domain/external-secrets-facts.ts";
import { command, edit, finding, safeCommand, type Finding } from "../../domain/finding.ts";
import { outcomeOf, severityOf, subjectOf, syncEvidence, type Sync } from "./sync.ts";

/* The words are those of ESO's controller (pkg/controllers/externalsecret/externalsecret_controller.go, v1.3.2). */
const OWNED = "target is owned by another ExternalSecret";
const NOT_OURS = "failed to take ownership of target secret";
const IMMUTABLE = "could not update secret, target is immutable";

/** What is in the way lies with the Secret that it writes. */
export function targetFault(sync: Sync, all: readonly ExternalSecretFacts[]): Finding[] | undefined {
  const { one } = sync;
  const message = one.ready?.status === "False" ? one.ready.message : "";
  if (message === OWNED || message === NOT_OURS) return [taken(sync, message === OWNED)];
  if (message === IMMUTABLE) return [immutable(sync)];
  if (one.uid === undefined) return rivals(sync, all);
  if (!sync.isMissing) return undefined;
  if (one.creationPolicy === "Merge" || one.ready?.reason === "SecretMissing") return [nothingToMerge(sync)];
  return one.creationPolicy === "None" ? [writesNothing(sync)] : undefined;
}

function taken(sync: Sync, byExternalSecret: boolean): Finding {
  const { one, event } = sync;
  const owner = /owned by another ExternalSecret: ([a-z0-9.-]+)/.exec(event?.message ?? "")?.[1];
  const whose = !byExternalSecret
    ? "another controller owns"
    : owner === undefined
      ? "another ExternalSecret owns"
      : `ExternalSecret ${owner} owns`;
  const message = `ExternalSecret ${one.name} cannot write Secret ${one.target}, which ${whose}`;
  const columns = "custom-columns=NAME:.metadata.name,TARGET:.spec.target.name";
  return finding("eso.owner-conflict", "error", subjectOf(sync), message, {
    evidence: syncEvidence(sync),
    fixes: [
      ...editExternalSecret(one, "set spec.target.name to a Secret that nobody else writes, or remove one of the two"),
      safeCommand`kubectl get secret ${one.target} -n ${one.namespace} -o ${"jsonpath={.metadata.ownerReferences}"}`,
      ...(byExternalSecret ? [safeCommand`kubectl get externalsecrets -n ${one.namespace} -o ${columns}`] : []),
    ],
  });
}

/** Of manifests: two that are to own one Secret. */
function rivals({ one }: Sync, all: readonly ExternalSecretFacts[]): Finding[] | undefined {
  const owning = all.filter(({ target, creationPolicy }) => target === one.target && creationPolicy === "Owner");
  const [first, ...others] = owning;
  if (first === undefined || !others.includes(one)) return undefined;
  const message = `ExternalSecrets ${first.name} and ${one.name} are both to own Secret ${one.target}: the later one fails`;
  return [
    finding("eso.owner-conflict", "error", refOfExternalSecret(one), message, {
      evidence: [{ label: "target", has: one.target, path: "/spec/target/name" }],
      fixes: editExternalSecret(
        one,
        "set spec.target.name to a Secret of its own, or creationPolicy: Merge on one of the two",
      ),
    }),
  ];
}

function immutable(sync: Sync): Finding {
  const { one } = sync;
  const message = `ExternalSecret ${one.name} cannot write Secret ${one.target}, which is immutable: it keeps the values that it was made with`;
  const again = [
    edit(`delete Secret ${one.target}; External Secrets makes it anew at once, and pods that run keep what they have:`),
    command`kubectl delete secret ${one.target} -n ${one.namespace}`,
  ];
  return finding("eso.immutable-target", "error", subjectOf(sync), message, {
    evidence: [
      ...syncEvidence(sync),
      { label: "spec.target.immutable", has: String(one.immutable), path: "/spec/target/immutable" },
    ],
    fixes: one.immutable ? [...editExternalSecret(one, "remove spec.target.immutable").slice(0, 1), ...again] : again,
  });
}

function nothingToMerge(sync: Sync): Finding {
  const { one } = sync;
  const message = `ExternalSecret ${one.name} merges into Secret ${one.target}, which does not exist: creationPolicy Merge makes none`;
  return finding("eso.merge-target-missing", severityOf(sync), subjectOf(sync), message, {
    evidence: [
      { label: "creationPolicy", want: "Owner", has: one.creationPolicy, path: "/spec/target/creationPolicy" },
      ...syncEvidence(sync),
    ],
    fixes: owner(one),
  });
}

function writesNothing(sync: Sync): Finding {
  const { one } = sync;
  const message = `ExternalSecret ${one.name} writes no Secret at all (creationPolicy None): ${outcomeOf(sync)}`;
  return finding("eso.merge-target-missing", severityOf(sync), subjectOf(sync), message, {
    evidence: [{ label: "creationPolicy", want: "Owner", has: "None", path: "/spec/target/creationPolicy" }],
    fixes: owner(one),
  });
}

/** The policy that makes the Secret; where Git has the manifest it is changed there. */
function owner(one: ExternalSecretFacts) {
  const words = editExternalSecret(one, "set spec.target.creationPolicy to Owner").slice(0, 1);
  if (one.owner !== undefined) return [...words, forceSync(one)];
  const change = JSON.stringify({ spec: { target: { creationPolicy: "Owner" } } });
  return [command`kubectl patch externalsecret ${one.name} -n ${one.namespace} --type merge -p ${change}`];
}
