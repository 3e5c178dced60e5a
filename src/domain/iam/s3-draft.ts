import { sentenceList } from "../text.ts";
import type { PolicyProblem } from "./policy-types.ts";

/** A problem of one action; those with the same cause at the same place are said in one sentence. */
export interface Draft extends Omit<PolicyProblem, "message" | "want" | "fix"> {
  /** Names without `s3:`. */
  readonly actions: readonly string[];
  readonly say: (actions: string, many: boolean) => string;
  readonly want?: string | ((actions: string) => string);
  readonly fix: string | ((actions: string) => string);
}

const WEIGHT = { error: 2, warning: 1, info: 0 } as const;

export function inOneSentence(drafts: readonly Draft[]): PolicyProblem[] {
  const places = new Map<string, Draft>();
  for (const draft of drafts) {
    const place = JSON.stringify([draft.cause, draft.path]);
    const other = places.get(place);
    places.set(place, other === undefined ? draft : joined(other, draft));
  }
  return [...places.values()].map(({ actions, say, want, fix, ...problem }) => {
    const names = s3List(actions);
    return {
      ...problem,
      message: say(names, actions.length > 1),
      ...(want === undefined ? {} : { want: typeof want === "string" ? want : want(names) }),
      fix: typeof fix === "string" ? fix : fix(names),
    };
  });
}

/** Says what the graver one says, of the actions of both. */
function joined(a: Draft, b: Draft): Draft {
  const graver = WEIGHT[b.severity] > WEIGHT[a.severity] ? b : a;
  return { ...graver, actions: [...new Set([...a.actions, ...b.actions])] };
}

/** `s3:GetObject and s3:PutObject`. */
export function s3List(actions: readonly string[]): string {
  return sentenceList(actions.map((action) => `s3:${action}`));
}
