import { editExternalSecret, forceSync, ofTheCluster, refOfExternalSecret } from "../../domain/external-secrets.ts";
import type { ExternalSecretFacts } from "../../domain/external-secrets-facts.ts";
import { finding, safeCommand, type Finding } from "../../domain/finding.ts";
import { goDurationMs } from "../../domain/go-duration.ts";
import { LIST_EXTERNAL_SECRETS } from "../../domain/external-secrets-grants.ts";
import { defineCheck } from "../define.ts";
import { NOT_INVOLVED } from "./not-involved.ts";

export default defineCheck({
  code: "ANT0505",
  slug: "external-secret-fresh",
  title: "New values at the provider arrive by themselves",
  area: "external-secrets",
  causes: ["eso.stale"],
  needs: ["cluster", "externalSecrets"],
  after: ["ANT0501", "ANT0503"],
  required: false,
  effect: "read",
  severity: "warning",
  grants: [LIST_EXTERNAL_SECRETS],
  run: ({ externalSecrets = [] }, { now }) => {
    const mine = ofTheCluster(externalSecrets);
    return mine.length === 0 ? NOT_INVOLVED : mine.flatMap((one) => never(one) ?? late(one, now));
  },
});

/** Policies that do not look again: ESO's `shouldRefresh`. */
function never(one: ExternalSecretFacts): Finding[] | undefined {
  const { refreshPolicy, refreshInterval } = one;
  const interval = goDurationMs(refreshInterval);
  const off = refreshPolicy === "Periodic" && interval !== undefined && interval <= 0;
  if (refreshPolicy === "Periodic" && !off) return undefined;
  const [what, path, has] = off
    ? (["refreshInterval 0", "/spec/refreshInterval", refreshInterval] as const)
    : ([`refreshPolicy ${refreshPolicy}`, "/spec/refreshPolicy", refreshPolicy] as const);
  const when =
    refreshPolicy === "OnChange" ? "only when the ExternalSecret itself is changed" : "once, and never again";
  const message = `ExternalSecret ${one.name} fetches ${when} (${what}): a key that is replaced at the provider does not arrive in Secret ${one.target}`;
  return [
    finding("eso.stale", "warning", refOfExternalSecret(one), message, {
      evidence: [
        { label: path.slice(6), want: off ? "1h" : "Periodic", has, path },
        ...(one.refreshTime === undefined ? [] : [{ label: "last synced", has: one.refreshTime }]),
      ],
      fixes: [
        ...editExternalSecret(one, off ? "set refreshInterval to 1h" : "set refreshPolicy to Periodic"),
        // OnChange takes a new annotation for a change; the others take nothing for one.
        ...(refreshPolicy === "OnChange" ? [forceSync(one)] : []),
      ],
    }),
  ];
}

/** Twice the interval has gone by: the controller does not come to it. */
function late(one: ExternalSecretFacts, now: Date): Finding[] {
  const { ready, refreshTime, refreshInterval, syncWindows } = one;
  const interval = goDurationMs(refreshInterval);
  if (ready?.status !== "True" || refreshTime === undefined || interval === undefined || syncWindows) return [];
  const age = now.getTime() - Date.parse(refreshTime);
  if (!(age > interval * 2 + GRACE_MS)) return [];
  const message = `ExternalSecret ${one.name} was last synced at ${refreshTime}, and is to be every ${refreshInterval}: the controller does not come to it`;
  return [
    finding("eso.stale", "warning", refOfExternalSecret(one), message, {
      evidence: [{ label: "last synced", want: `within ${refreshInterval}`, has: refreshTime }],
      fixes: [forceSync(one), safeCommand`kubectl get pods -A -l app.kubernetes.io/name=external-secrets`],
      transient: true,
    }),
  ];
}

/** Many objects at once take their time. */
const GRACE_MS = 60_000;
