const REGISTERED = new Set(
  (
    "add-mask add-matcher add-path debug echo endgroup error group internal-set-repo-path notice remove-matcher " +
    "save-state set-env set-output stop-commands warning"
  ).split(" "),
);

export interface WorkflowCommand {
  readonly command: string;
  readonly properties: Readonly<Record<string, string>>;
  readonly data: string;
}

/**
 * What the runner makes of the output of a step, line by line: a command, or undefined for a line that it prints. Both
 * syntaxes that it obeys, the older one anywhere in a line (actions/runner, src/Runner.Common/ActionCommand.cs).
 */
export function obeyed(output: string): (WorkflowCommand | undefined)[] {
  const lines = output.split(/\r\n|\r|\n/);
  if (lines.at(-1) === "") lines.pop();
  return lines.map((line) => parse(line.trimStart()) ?? parseOld(line));
}

function parse(line: string): WorkflowCommand | undefined {
  const end = line.indexOf("::", 2);
  if (!line.startsWith("::") || end < 0) return undefined;
  const info = line.slice(2, end);
  const space = info.indexOf(" ");
  const command = space < 0 ? info : info.slice(0, space);
  if (!REGISTERED.has(command)) return undefined;
  const properties = Object.fromEntries(
    (space < 0 ? "" : info.slice(space + 1).trim())
      .split(",")
      .filter((property) => property !== "")
      .map((property) => {
        const [key = "", ...value] = property.split("=");
        return [key, unescaped(value.join("="), { "%0D": "\r", "%0A": "\n", "%3A": ":", "%2C": ",", "%25": "%" })];
      }),
  );
  return { command, properties, data: unescaped(line.slice(end + 2), { "%0D": "\r", "%0A": "\n", "%25": "%" }) };
}

function parseOld(line: string): WorkflowCommand | undefined {
  const command = /##\[([^\] ]*)[^\]]*\]/.exec(line)?.[1];
  return command !== undefined && REGISTERED.has(command) ? { command, properties: {}, data: line } : undefined;
}

function unescaped(text: string, mappings: Readonly<Record<string, string>>): string {
  return Object.entries(mappings).reduce((done, [token, character]) => done.replaceAll(token, character), text);
}
