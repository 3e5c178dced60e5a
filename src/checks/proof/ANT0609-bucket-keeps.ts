import type { StoreFacts } from "../../domain/aws-facts.ts";
import { isDenied } from "../../domain/call-outcome.ts";
import { distinctBy } from "../../domain/distinct.ts";
import { edit, finding, type Finding } from "../../domain/finding.ts";
import { GET_SECRETS, LIST_BACKUPS, LIST_CLUSTERS, LIST_RESTORES } from "../../domain/grants.ts";
import { defineCheck } from "../define.ts";
import { noKeys } from "./ANT0606-static-key.ts";
import { NO_BUCKET } from "./expected-probes.ts";

export default defineCheck({
  code: "ANT0609",
  slug: "bucket-keeps",
  title: "What is removed from the bucket is gone",
  area: "proof",
  causes: ["s3.object-lock-versioning"],
  needs: ["cluster", "staticKeys", "aims"],
  after: ["ANT0606", "ANT0607"],
  notIn: { files: "files may hold keys of another day: no bucket is asked with them" },
  required: false,
  effect: "read",
  severity: "info",
  grants: [LIST_CLUSTERS, GET_SECRETS, LIST_BACKUPS, LIST_RESTORES],
  run: ({ cluster, staticKeys = [], aims = [] }) => {
    if (cluster === undefined) return [];
    if (staticKeys.length === 0) return { skip: noKeys(cluster) };
    if (!aims.some(({ identity }) => identity === "usual")) return NO_BUCKET;
    const stores = staticKeys.flatMap((key) => key.stores);
    const findings = stores.flatMap(keeps);
    if (findings.length > 0) return distinctBy(findings, ({ message }) => message);
    if (stores.every(({ list }) => list.state !== "ok" && !isDenied(list))) return { waits: "no bucket was reached" };
    const untold = stores.find(({ versioning, objectLock }) => [versioning, objectLock].some(isUnknown));
    return untold === undefined ? [] : { skip: "the key may not ask what the bucket keeps, and need not" };
  },
});

function isUnknown({ state }: { readonly state: string }): boolean {
  return state === "unknown";
}

function keeps({ aim, versioning, objectLock, encryption }: StoreFacts): Finding[] {
  const locked = objectLock.state === "known" && objectLock.value;
  const versioned = versioning.state === "known" && versioning.value === "Enabled";
  if (!locked && !versioned) return [];
  const what = locked
    ? "has Object Lock: what is written there may stay until its time has come, and no probe is written"
    : "keeps versions: a backup that is removed stays, until a rule of the bucket's life cycle takes it away";
  const subject = { kind: "Bucket", name: aim.bucket };
  return [
    finding("s3.object-lock-versioning", "info", subject, `Bucket ${aim.bucket} (${aim.from}) ${what}`, {
      evidence: [
        { label: "versioning", has: versioning.state === "known" ? versioning.value : "not known" },
        { label: "Object Lock", has: locked ? "on" : "off" },
        ...(encryption.state === "known" ? [{ label: "encryption", has: encryption.value.algorithm }] : []),
      ],
      fixes: [edit("a rule with NoncurrentVersionExpiration removes old versions")],
    }),
  ];
}
