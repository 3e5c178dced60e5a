import type { Residue } from "../../domain/aws-facts.ts";
import { probeFolder } from "../../domain/iam/probe-policy.ts";
import { placeOf } from "../../domain/iam/s3-needs.ts";
import type { Cloud } from "../collector.ts";
import { outcomeOf } from "./outcome.ts";
import type { ProbeTask } from "./probe.ts";
import { removeCommand } from "./remove-command.ts";

export interface Left {
  readonly key: string;
  /** RFC 3339. */
  readonly modifiedAt: string | undefined;
}

/** A run that is still going has its object for seconds; an hour is long after. */
const OLD_MS = 3_600_000;
/** Removed at most by one run. */
const MOST = 100;

/**
 * What earlier runs left in the folder of the probe: what is older than an hour is removed, and named; what is younger may
 * be another run's that is still going, and is named with the command. Other people's objects are not touched.
 */
export async function sweep(
  { aim, store, endpoint, claimed }: Pick<ProbeTask, "aim" | "store" | "endpoint" | "claimed">,
  left: readonly Left[],
  cloud: Cloud,
): Promise<{ readonly residue: readonly Residue[]; readonly removed: readonly string[] }> {
  const residue: Residue[] = [];
  const removed: string[] = [];
  const ours = left.filter(({ key }) => isOurs(key.slice(probeFolder(aim.prefix).length), cloud.runId));
  // A store that does not answer is not waited for a hundred times.
  let answers: boolean = true;
  for (const { key, modifiedAt } of ours.slice(0, MOST)) {
    const what = placeOf({ ...aim, prefix: key });
    const place = `${endpoint ?? ""} ${what}`;
    if (claimed.has(place)) continue;
    claimed.add(place);
    const age = modifiedAt === undefined ? 0 : cloud.now().getTime() - Date.parse(modifiedAt);
    const old = age > OLD_MS;
    const tries = old && answers && !cloud.signal.aborted;
    const outcome = tries ? await outcomeOf(() => store.delete(key)) : undefined;
    if (outcome?.state === "failed") answers = false;
    if (outcome?.state === "ok") removed.push(what);
    else {
      const command = removeCommand({ scheme: aim.scheme, bucket: aim.bucket, key, versionId: undefined, endpoint });
      residue.push({ what: `${what}, which another run left${old ? "" : " or is using"}`, command });
    }
  }
  return { residue, removed };
}

/** `<16 hexadecimal digits>/<number>`, and of another run. */
function isOurs(name: string, runId: string): boolean {
  return /^[0-9a-f]{16}\/\d{1,4}$/.test(name) && !name.startsWith(runId);
}
