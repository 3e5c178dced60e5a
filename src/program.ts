import { Command, CommanderError } from "commander";

import { UserError, type ExitCode } from "./domain/errors.ts";
import type { App } from "./ports.ts";
import { EXAMPLES } from "./program/examples.ts";
import { addInit } from "./program/init.ts";
import { addDoctor, addPreflight, addValidate, addWhy } from "./program/judging.ts";
import type { Action } from "./program/options.ts";
import { addExplain, addHash, addPermissions, addTrustPolicy } from "./program/printing.ts";

/**
 * Parses the command line and runs one command; every command is loaded when it is called.
 * @returns the exit code; commander's usage errors are 2
 */
export async function runProgram(argv: readonly string[], app: App): Promise<ExitCode> {
  if (argv[0] === "complete") {
    const { printSuggestions } = await import("./commands/completion.ts");
    return printSuggestions(
      argv.slice(1),
      buildProgram(app, () => {}),
    );
  }
  let exitCode: ExitCode = 0;
  const program = buildProgram(app, (code) => {
    exitCode = code;
  });
  try {
    await program.parseAsync([...argv], { from: "user" });
    return exitCode;
  } catch (error) {
    if (!(error instanceof CommanderError)) throw error;
    if (error.exitCode === 0) return 0;
    // A command that only holds others was called without one; its help has been printed.
    if (error.code === "commander.help") return 2;
    const [message = "wrong usage", ...rest] = error.message.replace(/^error: /, "").split("\n");
    throw new UserError("usage", message, {
      hint: rest.join(" ").replace(/^\((.*)\)$/, "$1") || "see antfly-creds --help",
    });
  }
}

/** The whole command tree; `finish` is given the exit code of the command that ran. */
export function buildProgram(app: App, finish: (code: ExitCode) => void): Command {
  const program = new Command("antfly-creds")
    .description(
      "Sets up, proves, diagnoses and rotates the credentials with which Antfly clusters reach object storage.",
    )
    .version(app.version, "-V, --version")
    .option("--no-color", "no colours (NO_COLOR and FORCE_COLOR are honoured too)")
    .option("--color", "colours, also when the output is no terminal")
    .configureOutput({
      writeOut: (text) => app.terminal.out(text),
      writeErr: (text) => app.terminal.err(text),
      outputError: () => {},
    })
    .showHelpAfterError(false)
    .exitOverride();
  program.addHelpText("after", EXAMPLES.program);

  const run =
    (action: Action) =>
    async (...args: unknown[]): Promise<void> => {
      const command = args.at(-1);
      if (command instanceof Command) assertNoneEmpty(command);
      finish(await action(...(args as never[])));
    };

  addDoctor(program, app, run);
  addValidate(program, app, run);
  addPreflight(program, app, run);
  addWhy(program, app, run);
  addInit(program, app, run);
  addHash(program, app, run);
  addTrustPolicy(program, app, run);

  addExplain(program, app, run);
  addPermissions(program, app, run);

  program
    .command("completion")
    .description("a shell completion script")
    .argument("<shell>", "bash, zsh, fish or powershell")
    .addHelpText("after", EXAMPLES.completion)
    .action(
      run(async (shell: string) =>
        (await import("./commands/completion.ts")).printScript(
          shell,
          buildProgram(app, () => {}),
        ),
      ),
    );

  return program;
}

/** An empty word is mostly a variable that was not set: `-n "$NAMESPACE"`. */
function assertNoneEmpty(command: Command): void {
  const values = command.options.map((option) => [option.long, command.opts()[option.attributeName()]] as const);
  const empty = values.find(([, value]) => value === "" || (Array.isArray(value) && value.includes("")));
  const what = empty?.[0] ?? (command.args.includes("") ? "an argument" : undefined);
  if (what === undefined) return;
  throw new UserError("usage", `${what} is empty`, { hint: "is it a variable that is not set?" });
}
