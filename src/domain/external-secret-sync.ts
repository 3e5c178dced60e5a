import { printable } from "./text.ts";
import { conceal } from "./why/conceal.ts";

/** How far the External Secrets operator is with an ExternalSecret. */
export type Sync =
  | { readonly state: "synced" }
  /** It has tried, and says why it could not. `words` are its own: of the event, else of the condition. */
  | { readonly state: "failed"; readonly what: string; readonly words: string; readonly hasEvent: boolean }
  | { readonly state: "pending"; readonly why: string };

type AnyObject = Readonly<Record<string, unknown>>;

interface Condition {
  readonly status: string;
  readonly reason: string;
  readonly message: string;
}

const LONGEST = 400;

/**
 * Judges by the condition `Ready` of the ExternalSecret and of its store. The conditions hold general words; what the
 * provider said is in the events alone (failure catalogue, section 6). `store` is undefined where it could not be read.
 */
export function syncOf(externalSecret: AnyObject, store: AnyObject | undefined, events: readonly AnyObject[]): Sync {
  const [own, its] = [readyOf(externalSecret), store === undefined ? undefined : readyOf(store)];
  if (own?.status === "True") {
    return isOfThisGeneration(externalSecret)
      ? { state: "synced" }
      : { state: "pending", why: "the operator has not looked at the change yet" };
  }
  if (store !== undefined && its?.status === "False") return failure(store, its, newestWarning(store, events));
  if (own?.status !== "False") return { state: "pending", why: "the operator has not looked at it yet" };
  const event = newestWarning(externalSecret, events);
  // It began before its store was looked at, and will try again.
  if (store !== undefined && its?.status !== "True" && (event === undefined || /is not ready/.test(event)))
    return { state: "pending", why: `${nameOf(store)} is not ready yet` };
  return failure(externalSecret, own, event);
}

function failure(object: AnyObject, { reason, message }: Condition, event: string | undefined): Sync {
  const said = `${nameOf(object)} is not ready: ${message} (${reason})`;
  return event === undefined
    ? { state: "failed", what: said, words: message, hasEvent: false }
    : { state: "failed", what: `${said}; its newest event: ${event}`, words: event, hasEvent: true };
}

/** `GENERATION-HASH`: what the operator wrote down when it was done the last time. */
function isOfThisGeneration({ metadata, status }: AnyObject): boolean {
  const { generation } = (metadata ?? {}) as { generation?: unknown };
  const { syncedResourceVersion: synced } = (status ?? {}) as { syncedResourceVersion?: unknown };
  const [, of] = /^(\d+)-/.exec(typeof synced === "string" ? synced : "") ?? [];
  return of === undefined || of === String(generation);
}

function readyOf({ status }: AnyObject): Condition | undefined {
  const { conditions } = (status ?? {}) as { conditions?: unknown };
  const list = Array.isArray(conditions) ? (conditions as readonly AnyObject[]) : [];
  const ready = list.find((one) => one["type"] === "Ready");
  if (ready === undefined) return undefined;
  const word = (key: string): string => printable(typeof ready[key] === "string" ? ready[key] : "").slice(0, LONGEST);
  return { status: word("status"), reason: word("reason"), message: word("message") };
}

function newestWarning(object: AnyObject, events: readonly AnyObject[]): string | undefined {
  const { uid } = (object["metadata"] ?? {}) as { uid?: unknown };
  const about = events.filter(
    (event) => event["type"] === "Warning" && (event["involvedObject"] as { uid?: unknown } | undefined)?.uid === uid,
  );
  const newest = about.toSorted((a, b) => timeOf(b) - timeOf(a))[0]?.["message"];
  return typeof newest === "string" ? conceal(printable(newest)).slice(0, LONGEST) : undefined;
}

/** The old API of events fills the one, the new one the other. */
function timeOf({ lastTimestamp, eventTime, series }: AnyObject): number {
  const last = (series as { lastObservedTime?: unknown } | null | undefined)?.lastObservedTime;
  const times = [lastTimestamp, eventTime, last].map((time) => (typeof time === "string" ? Date.parse(time) : NaN));
  return Math.max(0, ...times.filter((time) => !Number.isNaN(time)));
}

function nameOf({ kind, metadata }: AnyObject): string {
  const { namespace, name } = (metadata ?? {}) as { namespace?: unknown; name?: unknown };
  return printable(`${String(kind)} ${typeof namespace === "string" ? `${namespace}/` : ""}${String(name)}`);
}
