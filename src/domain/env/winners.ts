import type { EnvFromSource } from "./effective.ts";

/** Key names of a source; undefined when it is not there or could not be read. */
export type KeysOf = (source: EnvFromSource) => readonly string[] | undefined;

/**
 * The Secret that supplies a variable in this list: the last source that has it wins.
 * @returns undefined when none does, or another kind of source wins
 */
export function secretSupplying(name: string, envFrom: readonly EnvFromSource[], keysOf: KeysOf): string | undefined {
  const winner = envFrom.findLast((source) => supplies(source, name, keysOf));
  return winner?.kind === "Secret" ? winner.name : undefined;
}

/** Whether a source that comes after the Secret sets one of these variables, and so wins over it. */
export function isOverridden(
  secret: string,
  names: readonly string[],
  envFrom: readonly EnvFromSource[],
  keysOf: KeysOf,
): boolean {
  const last = envFrom.findLastIndex((source) => isPlain(source, secret));
  return last >= 0 && envFrom.slice(last + 1).some((source) => names.some((name) => supplies(source, name, keysOf)));
}

/** The source is this Secret, under its own names. */
export function isPlain(source: EnvFromSource, secret: string): boolean {
  return source.kind === "Secret" && source.name === secret && source.prefix === "";
}

function supplies(source: EnvFromSource, name: string, keysOf: KeysOf): boolean {
  return keysOf(source)?.some((key) => source.prefix + key === name) ?? false;
}
