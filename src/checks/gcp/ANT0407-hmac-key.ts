import type { StaticKeyFacts, StorageAim } from "../../domain/aws-facts.ts";
import { isDenied } from "../../domain/call-outcome.ts";
import type { ClusterFacts } from "../../domain/facts.ts";
import { finding, type Finding } from "../../domain/finding.ts";
import type { HmacKeyFacts } from "../../domain/google-facts.ts";
import { GET_BUCKET, GET_GOOGLE_BUCKET_POLICY, GET_HMAC_KEY } from "../../domain/google-grants.ts";
import { GET_SECRETS, LIST_BACKUPS, LIST_CLUSTERS, LIST_RESTORES } from "../../domain/grants.ts";
import { defineCheck } from "../define.ts";
import { lacksRole } from "./hmac-roles.ts";
import { hmacFault, type HmacFault } from "./hmac-state.ts";

export default defineCheck({
  code: "ANT0407",
  slug: "hmac-key",
  title: "The HMAC key is active, and its account may use the buckets",
  area: "gcp",
  causes: [
    "gke.hmac-account-no-role",
    "gke.hmac-deleted",
    "gke.hmac-forbidden",
    "gke.hmac-inactive",
    "gke.hmac-unknown",
    "gke.hmac-user-account",
  ],
  needs: ["cluster", "hmacKeys"],
  wants: ["aims", "staticKeys", "googleRoles"],
  after: ["ANT0201", "ANT0202", "ANT0212"],
  notIn: { files: "files may hold keys of another day: Google is not asked about them" },
  required: false,
  effect: "read",
  severity: "critical",
  grants: [LIST_CLUSTERS, GET_SECRETS, LIST_BACKUPS, LIST_RESTORES],
  googleGrants: [GET_HMAC_KEY, GET_BUCKET, GET_GOOGLE_BUCKET_POLICY],
  run: ({ cluster, hmacKeys = [], aims = [], staticKeys = [], googleRoles }, { now }) => {
    if (cluster === undefined) return [];
    if (hmacKeys.length === 0) return { skip: "the nodes have no HMAC key of Google Cloud Storage" };
    const findings: Finding[] = [];
    const undecided: string[] = [];
    for (const key of hmacKeys) {
      const live = staticKeys.find(({ source, keyId }) => source === key.source && keyId === key.keyId);
      const usual = aims.filter(({ identity }) => identity === "usual");
      const fault =
        hmacFault({ key, live, cluster }) ?? lacksRole({ key, aims: withoutThose(usual, live), googleRoles, now });
      if (fault !== undefined) findings.push(toldOf(fault, key, cluster));
      else if (key.key.state === "unknown") undecided.push(`HMAC key ${key.keyId} of ${key.source}: ${key.key.detail}`);
      else if (key.key.state === "absent")
        undecided.push(
          `HMAC key ${key.keyId} of ${key.source} is of another project than ${key.askedIn.join(", ")}; what state it is in is told there alone`,
        );
    }
    return { findings, undecided };
  },
});

/** What the key was seen to reach is not judged by what policies say of it. */
function withoutThose(aims: readonly StorageAim[], live: StaticKeyFacts | undefined): StorageAim[] {
  const reached = (live?.stores ?? []).filter(({ list, read }) => list.state === "ok" && !isDenied(read));
  return aims.filter(({ bucket, prefix }) =>
    reached.every(({ aim }) => aim.bucket !== bucket || aim.prefix !== prefix),
  );
}

function toldOf(
  { cause, severity, what, evidence, fixes }: HmacFault,
  key: HmacKeyFacts,
  cluster: ClusterFacts,
): Finding {
  const subject =
    key.secret === undefined
      ? { kind: "AntflyCluster", namespace: cluster.namespace, name: cluster.name }
      : { kind: "Secret", namespace: cluster.namespace, name: key.secret };
  const found = key.key.state === "known" ? key.key.value : undefined;
  const path = key.idKey === undefined ? "/data" : `/data/${key.idKey}`;
  const owner =
    found === undefined
      ? []
      : [
          { label: "owner", has: `${found.account}, in project ${found.project}` },
          ...(found.createdAt === undefined ? [] : [{ label: "created", has: found.createdAt }]),
        ];
  return finding(cause, severity, subject, `${key.source} holds HMAC key ${key.keyId}, ${what}`, {
    evidence: [{ label: "key", has: key.keyId, path }, ...owner, ...evidence],
    fixes,
    explainedBy: ["ANT0212"],
  });
}
