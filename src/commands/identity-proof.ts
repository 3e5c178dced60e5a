import { worstExit, type ExitCode } from "../domain/errors.ts";
import { allResults, type Report } from "../domain/report.ts";
import { USUAL_POLICY } from "../domain/policy.ts";
import type { IdentityInput } from "../plans/identity-input.ts";
import { selectChecks } from "./choose-checks.ts";
import { cleanlyEnded, type CloudRun } from "./cloud.ts";
import { tellHowToDropKeys } from "./drop-keys.ts";
import type { IdentityLook } from "./init-identity.ts";
import { judge } from "./judge.ts";
import { liveSource, lookAt, type LiveLook } from "./look.ts";
import { untilSettled } from "./settle.ts";

const PAUSE_MS = 3_000;

/** What of the proof differs from cloud to cloud. */
export interface ProofOfKind {
  /** What is proven: `role`. */
  readonly of: string;
  /** Causes that stand as long as the cloud has not heard everywhere of what was written. */
  readonly eventually: ReadonlySet<string>;
  /** How long that may take, milliseconds. */
  readonly shownWithinMs: number;
  /** Checks that have to pass: the identity was given, and an object was written with it. */
  readonly codes: readonly string[];
}

/** Where the identity is for something else, whether the nodes have static keys is no question of this command. */
const KEYS = ["ANT02"];

/**
 * Waits until the pods have been replaced, and then takes the ServiceAccount's identity to the cloud as `doctor --prove` does.
 * When it holds and static keys are there besides, says how to do without them.
 */
export async function proveIdentity(
  { app, kube, options, cluster }: IdentityLook,
  input: IdentityInput,
  kind: ProofOfKind,
  { waitMs, changed, cloud }: { readonly waitMs: number; readonly changed: boolean; readonly cloud: CloudRun },
): Promise<{ report: Report; exitCode: ExitCode }> {
  const deadline = app.now().getTime() + waitMs;
  const skip = options.identityOnly === true ? KEYS : [];
  let look: LiveLook | undefined;
  const once = async (prove: boolean): Promise<Report> => {
    look = await lookAt(app, kube, cluster.name, provingIf(prove, cloud));
    return judge(app, [look], {
      chosen: selectChecks({ only: [], skip, prove }),
      policy: { failOn: "error", allowUnknown: [] },
      source: liveSource(kube),
      asks: { ...USUAL_POLICY, identityOnly: options.identityOnly === true },
      calls: () => ({ kubernetes: kube.calls(), ...cloud.calls() }),
    });
  };
  const waited = await app.terminal.during("waiting for the pods", () =>
    untilSettled(app, () => once(false), {
      waitMs,
      onInterrupt: "interrupted while waiting for the pods; what was applied stays",
    }),
  );
  const left = Math.max(0, Math.min(kind.shownWithinMs, deadline - app.now().getTime()));
  const onInterrupt = `interrupted while proving the ${kind.of}; what was applied stays`;
  const eventually = changed ? kind.eventually : new Set<string>();
  const proof = { waitMs: left, pauseMs: PAUSE_MS, eventually, onInterrupt };
  const proved = await app.terminal.during(`proving the ${kind.of}`, () =>
    cleanlyEnded(app, cloud, () => untilSettled(app, () => once(true), proof), onInterrupt),
  );
  if (look !== undefined && isProven(proved.report, kind)) await tellHowToDropKeys(look, input, kind.of, app);
  return { ...proved, exitCode: worstExit([waited.exitCode === 124 ? 124 : 0, proved.exitCode]) };
}

function provingIf(prove: boolean, { world }: CloudRun): CloudRun["world"] {
  return "off" in world ? world : { ...world, prove };
}

/** Nothing less than all of the proof, and nothing else that fails. */
function isProven(report: Report, { codes }: ProofOfKind): boolean {
  const passed = (code: string): boolean =>
    allResults(report).some((result) => result.code === code && result.status === "pass");
  return report.exitCode === 0 && codes.every(passed);
}
