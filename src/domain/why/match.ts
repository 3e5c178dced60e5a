import type { Candidate, Confidence } from "./candidate.ts";
import { cluesOf, type Clues } from "./clues.ts";
import { conceal } from "./conceal.ts";
import { nextFor } from "./next.ts";
import { LONGEST } from "./prepare.ts";
import type { Guess, Symptom } from "./symptom.ts";
import { SYMPTOMS } from "./symptoms.ts";

export type { Candidate } from "./candidate.ts";

const RANK: Readonly<Record<Confidence, number>> = { high: 0, medium: 1, low: 2 };

/**
 * What an error text points to, best first, each cause once. Nothing for a text that holds no symptom of the failure
 * catalogue: a guess at the nearest would send people the wrong way. Of a long text the first and the last 32,768
 * characters are looked at. Nothing that may be a secret is repeated, and ids of access keys are shown by prefix and end.
 * `namespace` is where the text was found, unless it says so itself.
 */
export function candidatesFor(text: string, namespace?: string): Candidate[] {
  const clues = cluesOf(text, namespace);
  const best = new Map<string, Candidate>();
  for (const { cause, confidence, because } of symptomsIn(clues).flatMap((symptom) => guessesOf(symptom, clues))) {
    const known = best.get(cause);
    if (known !== undefined && RANK[known.confidence] <= RANK[confidence]) continue;
    best.set(cause, {
      cause,
      confidence,
      because: sentence(conceal(typeof because === "string" ? because : because(clues))),
      next: conceal(nextFor(cause, clues)),
    });
  }
  return [...best.values()].sort((a, b) => RANK[a.confidence] - RANK[b.confidence]);
}

/** How far windows of a long text overlap: an error does not fall between two. */
const OVERLAP = 4096;

/** What a log of any length points to: its ends, or else the latest part of it that points to anything. */
export function candidatesInLog(text: string, namespace?: string): Candidate[] {
  let found = candidatesFor(text, namespace);
  for (let end = text.length; found.length === 0 && end > LONGEST; end -= LONGEST - OVERLAP)
    found = candidatesFor(text.slice(Math.max(0, end - LONGEST), end), namespace);
  return found;
}

/** Of each topic the first symptom that is seen. */
export function symptomsIn(clues: Clues): Symptom[] {
  const topics = new Set<string>();
  return SYMPTOMS.filter((symptom) => {
    if (topics.has(symptom.topic) || !isSeen(symptom, clues) || guessesOf(symptom, clues).length === 0) return false;
    topics.add(symptom.topic);
    return true;
  });
}

function guessesOf({ means }: Symptom, clues: Clues): Guess[] {
  return means.filter((guess) => guess.when?.(clues) ?? true);
}

function isSeen({ seen = [], unless, when }: Symptom, clues: Clues): boolean {
  const patterns = seen instanceof RegExp ? [seen] : seen;
  return (
    patterns.every((pattern) => pattern.test(clues.flat)) &&
    !(unless?.test(clues.flat) ?? false) &&
    (when?.(clues) ?? true)
  );
}

/** Words of ours begin with a capital letter; a name that comes first stays as it is. */
function sentence(text: string): string {
  return text.replace(
    /^(?:a|the|role|user|bucket|issuer|access key id)(?= )/,
    (word) => word[0]?.toUpperCase() + word.slice(1),
  );
}
