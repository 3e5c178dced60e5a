import type { Command, Commands, Flag, Words } from "./command.ts";
import { GcloudFailure } from "./failure.ts";

/** Those that every command takes. */
const EVERYWHERE: Readonly<Record<string, Flag>> = { project: "value", format: "value", quiet: "switch" };
const HELP = "\n\nTo search the help text of gcloud commands, run:\n  gcloud help -- SEARCH_TERMS";

/** The command that the words are for, and the words after it. @throws GcloudFailure with code 2 when there is none such */
export function commandIn(
  commands: Commands,
  argv: readonly string[],
): { name: string; command: Command; rest: readonly string[] } {
  for (let length = argv.length; length > 0; length -= 1) {
    const name = argv.slice(0, length).join(" ");
    const command = commands[name];
    if (command !== undefined) return { name, command, rest: argv.slice(length) };
  }
  throw new GcloudFailure(2, `Invalid choice: '${argv.slice(0, 3).join(" ")}'.${HELP}`);
}

/** Takes words apart as gcloud's parser does. @throws GcloudFailure with code 2 */
export function parseWords(command: Command, words: readonly string[]): Words {
  const known = { ...EVERYWHERE, ...command.flags };
  const { positional = [], required = [], oneOf = [] } = command;
  const flags = new Map<string, string>();
  const names: string[] = [];
  const unknown: string[] = [];
  for (let at = 0; at < words.length; at += 1) {
    const word = words[at] ?? "";
    const [, long, value] = /^--([a-z0-9-]+)(?:=(.*))?$/s.exec(word === "-q" ? "--quiet" : word) ?? [];
    const flag = long === undefined ? undefined : known[long];
    if (!word.startsWith("-")) names.push(word);
    else if (long === undefined || flag === undefined) unknown.push(word);
    else if (flag === "switch") flags.set(long, "true");
    else {
      const next = value ?? words[(at += 1)];
      if (next === undefined || (value === undefined && next.startsWith("-")))
        throw new GcloudFailure(2, `argument --${long}: expected one argument`);
      if (typeof flag === "object" && !flag.includes(next))
        throw new GcloudFailure(
          2,
          `argument --${long}: Invalid choice: '${next}'.\n\nValid choices are [${flag.join(", ")}].`,
        );
      flags.set(long, next);
    }
  }
  const many = positional.at(-1)?.endsWith("...") === true;
  const extra = many ? [] : names.slice(positional.length);
  if (unknown.length + extra.length > 0)
    throw new GcloudFailure(2, `unrecognized arguments: ${[...extra, ...unknown].join(" ")} ${HELP}`);
  const missing = [
    ...positional.slice(names.length).map((name) => name.replace("...", "")),
    ...required.filter((name) => !flags.has(name)).map((name) => `--${name}`),
  ];
  if (missing.length > 0) throw new GcloudFailure(2, `argument ${missing.join(" ")}: Must be specified.`);
  for (const group of oneOf) {
    if (group.filter((name) => flags.has(name)).length === 1) continue;
    throw new GcloudFailure(2, `Exactly one of (${group.map((name) => `--${name}`).join(" | ")}) must be specified.`);
  }
  return { names, flags };
}
