import type { CallOutcome, ProbeFacts, Residue, StorageAim } from "../../domain/aws-facts.ts";
import { readingOf } from "../../domain/call-outcome.ts";
import { probeFolder } from "../../domain/iam/probe-policy.ts";
import { placeOf } from "../../domain/iam/s3-needs.ts";
import { CloudError, type ObjectStore } from "../../ports.ts";
import type { Cloud } from "../collector.ts";
import { failedOutcome, INTERRUPTED, notTried, outcomeOf } from "./outcome.ts";
import { removeCommand, type Removable } from "./remove-command.ts";
import { sweep, type Left } from "./sweep.ts";

/** How often, and how long, an object that was just written is waited for: not every store shows it at once. */
const PAUSES_MS = [100, 300, 900, 2_700];
const LENGTH = 64;
/** Objects of the folder that are looked at. */
const MOST = 1_000;

export interface ProbeTask {
  readonly identity: ProbeFacts["identity"];
  readonly holder: string;
  readonly arn: string | undefined;
  readonly aim: StorageAim;
  /** What is written there could not be removed. */
  readonly locked: boolean;
  readonly store: ObjectStore;
  /** Where the store is reached; undefined for AWS's own address. */
  readonly endpoint: string | undefined;
  /** Tells the probes of one run apart. */
  readonly index: number;
  /** Left-overs that a probe of this run has taken on: two may look into one folder. */
  readonly claimed: Set<string>;
}

/**
 * Writes 64 bytes under a name that nobody has, reads them back, lists them and removes them. A write is waited for whatever
 * happens, and what it left is removed: by an interruption too. What could not be removed is residue.
 */
export async function probe(task: ProbeTask, cloud: Cloud): Promise<ProbeFacts> {
  const { identity, holder, arn, aim, locked, store } = task;
  const folder = probeFolder(aim.prefix);
  const key = `${folder}${cloud.runId}/${task.index}`;
  const started = cloud.now().getTime();
  const base = { identity, holder, arn, aim, key };
  const write = locked
    ? { outcome: notTried(`the bucket has ${lockOf(aim)}: what is written may not be removable`), versionId: undefined }
    : await writeTo(store, key, contentFor(cloud.runId), cloud.signal);
  let [read, list, remove] = [INTERRUPTED, INTERRUPTED, notTried("nothing was written")];
  let left: readonly Left[] = [];
  let residue: readonly Residue[] = [];
  let there = mayBeThere(write.outcome);
  try {
    if (!cloud.signal.aborted) {
      const written = write.outcome.state === "ok";
      [read, { list, left }] = await Promise.all([
        written ? readBack(store, key, cloud) : readNothing(store, key),
        listed(store, folder, written ? key : undefined, cloud),
      ]);
      there ||= left.some((one) => one.key === key);
    }
  } finally {
    if (there) {
      ({ remove, residue } = await removeFrom(task, key, write.versionId, write.outcome.state === "ok"));
    }
  }
  const swept = cloud.signal.aborted ? NOTHING : await sweep(task, left, cloud);
  return {
    ...base,
    write: write.outcome,
    read,
    list,
    remove,
    took: cloud.now().getTime() - started,
    residue: [...residue, ...swept.residue],
    swept: swept.removed,
  };
}

/** What keeps an object from being removed, by its name in the cloud. */
function lockOf({ scheme }: StorageAim): string {
  return scheme === "gs" ? "a retention policy" : "Object Lock";
}

/**
 * Without an answer it may be there all the same; and that an object of this name is there already, which nobody else would
 * write, is said to a request that was sent again.
 */
function mayBeThere(write: CallOutcome): boolean {
  return write.state === "ok" || write.state === "failed" || (write.state === "refused" && write.status === 412);
}

const NOTHING = { residue: [], removed: [] } as const;

/** Always of the same length, and nothing in it that anybody would miss. */
function contentFor(runId: string): Uint8Array {
  return Buffer.from(`antfly-creds probe ${runId} may be removed`.padEnd(LENGTH, " "), "latin1");
}

interface Written {
  readonly outcome: CallOutcome;
  readonly versionId: string | undefined;
}

async function writeTo(store: ObjectStore, key: string, content: Uint8Array, signal: AbortSignal): Promise<Written> {
  if (signal.aborted) return { outcome: INTERRUPTED, versionId: undefined };
  try {
    const { versionId } = await store.put(key, content);
    return { outcome: { state: "ok" }, versionId };
  } catch (error) {
    return { outcome: failedOutcome(error), versionId: undefined };
  }
}

async function readBack(store: ObjectStore, key: string, cloud: Cloud): Promise<CallOutcome> {
  const content = contentFor(cloud.runId);
  return patiently(cloud, () =>
    outcomeOf(async () => {
      const bytes = await store.get(key);
      if (Buffer.from(bytes).equals(content)) return;
      throw new CloudError("invalid", "s3:GetObject", "what was read is not what was written", {
        code: "ContentDiffers",
      });
    }),
  );
}

/** Where nothing could be written: that it is not there is said to those who may read. */
async function readNothing(store: ObjectStore, key: string): Promise<CallOutcome> {
  return readingOf(await outcomeOf(async () => void (await store.get(key))));
}

async function listed(
  store: ObjectStore,
  folder: string,
  written: string | undefined,
  cloud: Cloud,
): Promise<{ list: CallOutcome; left: readonly Left[] }> {
  let left: readonly Left[] = [];
  const list = await patiently(cloud, () =>
    outcomeOf(async () => {
      const found = await store.list(folder, MOST);
      left = found.filter(({ key }) => key !== written);
      if (written !== undefined && !found.some(({ key }) => key === written) && found.length < MOST)
        throw new CloudError("not-found", "s3:ListBucket", "the object that was just written is not listed", {
          code: "NotListed",
        });
    }),
  );
  return { list, left };
}

/** Codes of ours, beside those of stores: ContentDiffers, and NotListed. Again while what was written is not there yet. */
async function patiently(cloud: Cloud, ask: () => Promise<CallOutcome>): Promise<CallOutcome> {
  let outcome = await ask();
  for (const pause of PAUSES_MS) {
    if (!isMissing(outcome) || cloud.signal.aborted) break;
    await cloud.sleep(pause);
    outcome = await ask();
  }
  return outcome;
}

function isMissing(outcome: CallOutcome): boolean {
  return outcome.state === "refused" && /^(NoSuchKey|NotFound|NotListed|not-found|notFound)$/.test(outcome.code);
}

/** Removes what was written: the version itself where there are versions, since a mark of removal would leave it there. */
async function removeFrom(
  { store, aim, endpoint }: ProbeTask,
  key: string,
  versionId: string | undefined,
  certain: boolean,
): Promise<{ remove: CallOutcome; residue: readonly Residue[] }> {
  const object: Removable = { scheme: aim.scheme, bucket: aim.bucket, key, versionId, endpoint };
  const whole = await outcomeOf(() => store.delete(key, versionId));
  if (whole.state === "ok") return { remove: whole, residue: [] };
  const what = `${certain ? "" : "perhaps "}${placeOf({ ...aim, prefix: key })}`;
  if (versionId === undefined) return { remove: whole, residue: [{ what, command: removeCommand(object) }] };
  // Who may remove objects may not always remove versions; the database only does the first.
  const marked = await outcomeOf(() => store.delete(key));
  const remove = marked.state === "ok" ? { ...marked, detail: "its version stays" } : whole;
  return { remove, residue: [{ what: `version ${versionId} of ${what}`, command: removeCommand(object) }] };
}
