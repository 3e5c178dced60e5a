import tab from "@bomb.sh/tab/commander";
import type { Command } from "commander";

import { UserError, type ExitCode } from "../domain/errors.ts";

const NAME = "antfly-creds";
const SHELLS = ["bash", "zsh", "fish", "powershell"];
/** The library adds its own commands to the tree it is given; ours are the ones that people see. */
const INTERNAL = { completionCommandName: "completion-script" };

/** Prints the script that a shell sources; it calls `antfly-creds complete -- WORDS` at each TAB. */
export async function printScript(shell: string, tree: Command): Promise<ExitCode> {
  if (!SHELLS.includes(shell)) {
    throw new UserError("usage", `there is no completion for "${shell}"`, { hint: `shells: ${SHELLS.join(", ")}` });
  }
  tab(tree, INTERNAL).setup(NAME, NAME, shell);
  return 0;
}

/** Answers a TAB: one suggestion a line. */
export async function printSuggestions(argv: readonly string[], tree: Command): Promise<ExitCode> {
  tab(tree, INTERNAL).parse(argv[0] === "--" ? argv.slice(1) : [...argv]);
  return 0;
}
