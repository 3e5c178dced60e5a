import type { AnyObject } from "../follow.ts";
import type { Answers } from "../person.ts";
import type { World } from "./world.ts";

/** What somebody does. */
export type Hand<W> = (world: W) => Promise<unknown>;

/** One way in which what was proven breaks. */
export interface Fault<W extends World> {
  readonly name: string;
  readonly breaks: Hand<W>;
  /** `CODE cause` of the first root cause. */
  readonly finds: string;
  /** It is a warning: what was proven still works. */
  readonly warns?: true;
  /** Root causes that stand beside it: what else is broken, each with the reason. */
  readonly besides?: Readonly<Record<string, string>>;
  /** What the words of a fix mean here, by how they begin; others may not be printed. */
  readonly byHand?: Readonly<Record<string, Hand<W>>>;
  /** What is typed where a printed command asks, by a text that stands on the screen then. */
  readonly answers?: (world: W) => Promise<Answers>;
  /** Puts back what the fix rightly leaves as it is. */
  readonly after?: Hand<W>;
}

/** The root causes of a report, or its warnings, in the order in which people read them, as `CODE cause`. */
export function toldFirst({ results }: AnyObject, warnings: boolean): string[] {
  const first = results.filter((result: AnyObject) => (warnings ? result.status === "warn" : result.rootCause));
  const status = warnings ? "warn" : "fail";
  const found = first.flatMap((result: AnyObject) => result.findings.filter((one: AnyObject) => one.status === status));
  return [...new Set<string>(found.map(({ code, cause }: AnyObject) => `${code} ${cause}`))];
}

export function resultOf({ results }: AnyObject, code: string): AnyObject {
  const result = results.find((one: AnyObject) => one.code === code);
  if (result === undefined) throw new Error(`no result of ${code}`);
  return result;
}

/** What a failed assertion has to show of a report. */
export function shown({ results, exitCode }: AnyObject): string {
  const lines = results.flatMap(({ code, status, rootCause, findings, unknown }: AnyObject) => [
    ...findings.map((one: AnyObject) => `${code} ${status}${rootCause ? " root" : ""} ${one.cause}: ${one.message}`),
    ...findings.flatMap(({ fixes }: AnyObject) => fixes.map(({ kind, text }: AnyObject) => `    ${kind}: ${text}`)),
    ...unknown.map(({ why }: AnyObject) => `${code} ${status}: ${why}`),
  ]);
  return [...lines, `exit ${exitCode}`].join("\n");
}
