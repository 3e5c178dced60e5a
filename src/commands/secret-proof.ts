import { worstExit, type ExitCode } from "../domain/errors.ts";
import type { Report } from "../domain/report.ts";
import type { App, Kube } from "../ports.ts";
import { selectChecks, USUAL_CHECKS } from "./choose-checks.ts";
import { cleanlyEnded, type CloudRun } from "./cloud.ts";
import { judge } from "./judge.ts";
import { liveSource, lookAt } from "./look.ts";
import { untilSettled } from "./settle.ts";

/** A key of Google can be used 60 seconds after it was made at the latest ("HMAC keys", Cloud Storage); its role, too. */
const SHOWN_WITHIN_MS = 90_000;
const PAUSE_MS = 3_000;
/** What stands as long as Cloud Storage has not heard of the key everywhere, nor of the role of its account. */
const EVENTUALLY: ReadonlySet<string> = new Set([
  "aws.key-unknown",
  "aws.secret-wrong",
  "gke.hmac-account-no-role",
  "gke.hmac-unknown",
  "s3.action-missing",
  "s3.no-listbucket",
]);

export interface SecretProof {
  readonly waitMs: number;
  /** Where a key was made, and is tried as `doctor --prove` does; no cloud is asked without. */
  readonly cloud: CloudRun | undefined;
  /** Something was made that has to be heard of first. */
  readonly changed: boolean;
}

/** Waits until the pods have been replaced, and then tries a key that was made. */
export async function lookWhetherItWorks(
  app: App,
  kube: Kube,
  cluster: string,
  { waitMs, cloud, changed }: SecretProof,
): Promise<{ report: Report; exitCode: ExitCode }> {
  const deadline = app.now().getTime() + waitMs;
  const usual = { policy: { failOn: "error", allowUnknown: [] }, source: liveSource(kube) } as const;
  const once = async (): Promise<Report> =>
    judge(app, [await lookAt(app, kube, cluster)], {
      ...usual,
      chosen: USUAL_CHECKS,
      calls: () => ({ kubernetes: kube.calls() }),
    });
  const waited = await app.terminal.during("waiting for the pods", () =>
    untilSettled(app, once, {
      waitMs,
      onInterrupt: "interrupted while waiting for the pods; what was applied stays",
    }),
  );
  if (cloud === undefined || "off" in cloud.world) return waited;
  const proving = { ...cloud.world, prove: true };
  const prove = async (): Promise<Report> =>
    judge(app, [await lookAt(app, kube, cluster, proving)], {
      ...usual,
      chosen: selectChecks({ only: [], skip: [], prove: true }),
      calls: () => ({ kubernetes: kube.calls(), ...cloud.calls() }),
    });
  const onInterrupt = "interrupted while proving the key; what was applied stays";
  const proved = await app.terminal.during("proving the key", () =>
    cleanlyEnded(
      app,
      cloud,
      () =>
        untilSettled(app, prove, {
          waitMs: Math.max(0, Math.min(SHOWN_WITHIN_MS, deadline - app.now().getTime())),
          pauseMs: PAUSE_MS,
          eventually: changed ? EVENTUALLY : new Set(),
          onInterrupt,
        }),
      onInterrupt,
    ),
  );
  return { ...proved, exitCode: worstExit([waited.exitCode === 124 ? 124 : 0, proved.exitCode]) };
}
