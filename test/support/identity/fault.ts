import type { AnyObject } from "../follow.ts";
import type { IdentityWorld } from "./world.ts";

/** What somebody does who reads a fix that is words. */
export type Hand = (world: IdentityWorld) => Promise<void>;

/** One way in which a proven identity breaks. */
export interface Fault {
  readonly name: string;
  readonly breaks: (world: IdentityWorld) => Promise<unknown>;
  /** `CODE cause` of the first root cause. */
  readonly finds: string;
  /** Root causes that stand beside it: things that are broken as well, each with a reason. */
  readonly besides?: Readonly<Record<string, string>>;
  /** What the words of a fix mean here, by how they begin; they are the only ones that may be printed. */
  readonly byHand?: Readonly<Record<string, Hand>>;
  /** What is changed in what a printed `kubectl edit` opens: a merge patch. */
  readonly edit?: (world: IdentityWorld) => object;
  /** What is left to put back that the fix rightly leaves. */
  readonly after?: (world: IdentityWorld) => Promise<unknown>;
}

/** The root causes of a report in the order in which people read them, as `CODE cause`. */
export function rootCauses(report: AnyObject): string[] {
  const roots = report.results.filter((result: AnyObject) => result.rootCause);
  const found = roots.flatMap((result: AnyObject) => result.findings.filter((one: AnyObject) => one.status === "fail"));
  return [...new Set<string>(found.map(({ code, cause }: AnyObject) => `${code} ${cause}`))];
}
