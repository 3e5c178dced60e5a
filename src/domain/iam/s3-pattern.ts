/** Whether something applies: `maybe` where only the request can tell. */
export type Fit = "yes" | "maybe" | "no";

/** Stands for any text that nobody writes: what a pattern fits with this in it, it fits with anything there. */
export const ANYTHING = "\uffff".repeat(200);
const UNWRITTEN = "\uffff";

const ANY = Symbol("any text");
const ONE = Symbol("any one character");
const VARIABLE = Symbol("text that the request brings");
type Part = string | typeof ANY | typeof ONE | typeof VARIABLE;

/** How a text of a policy is to be read. */
export interface Reading {
  /** `*` and `?` stand for other text. */
  readonly wildcards: boolean;
  /** `${…}` is a policy variable: the language of 2012-10-17. */
  readonly variables: boolean;
  readonly ignoreCase?: boolean;
}

/** Does the text fit the pattern? A policy variable may be anything: then the answer is at most `maybe`. */
export function fits(pattern: string, text: string, reading: Reading): Fit {
  const [asked, given] = reading.ignoreCase === true ? [pattern.toLowerCase(), text.toLowerCase()] : [pattern, text];
  const plain = asked.search(/[*?$]/);
  if (plain < 0) return asked === given ? "yes" : "no";
  if (!given.startsWith(asked.slice(0, plain))) return "no";
  if (reading.wildcards && asked.slice(plain) === "*") return "yes";
  const parts = partsOf(asked, reading);
  if (!matches(parts, given)) return "no";
  return parts.includes(VARIABLE) ? "maybe" : "yes";
}

/** A text that fits the pattern; what stands for a wildcard is a character that nobody writes. */
export function example(pattern: string, variables: boolean): string {
  const parts = partsOf(pattern, { wildcards: true, variables });
  return parts.map((part) => (typeof part === "string" ? part : UNWRITTEN)).join("");
}

/** `text` so that a pattern means it and nothing else (IAM User Guide, "Policy variables": `${*}`, `${?}`, `${$}`). */
export function escaped(text: string): string {
  return text.replace(/[*?$]/g, "${$&}");
}

function partsOf(pattern: string, { wildcards, variables }: Reading): Part[] {
  const tokens = pattern.match(variables ? /\$\{[^}]*\}|[\s\S]/g : /[\s\S]/g) ?? [];
  return tokens.map((token) => {
    if (token.length > 1) return /^\$\{[*?$]\}$/.test(token) ? token.charAt(2) : VARIABLE;
    if (wildcards && token === "*") return ANY;
    if (wildcards && token === "?") return ONE;
    return token;
  });
}

/** Goes back to the last `*` only, so that no pattern takes longer than its length times the text's. */
function matches(parts: readonly Part[], text: string): boolean {
  let part = 0;
  let at = 0;
  let star = -1;
  let from = 0;
  while (at < text.length) {
    const here = parts[part];
    if (here === ANY || here === VARIABLE) {
      star = part++;
      from = at;
    } else if (here === ONE || here === text[at]) {
      part++;
      at++;
    } else if (star >= 0) {
      part = star + 1;
      at = ++from;
    } else return false;
  }
  while (parts[part] === ANY || parts[part] === VARIABLE) part++;
  return part === parts.length;
}
