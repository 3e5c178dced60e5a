import type { EnvironmentView, VariableView } from "../domain/env/view.ts";
import { printable } from "../domain/text.ts";
import type { Style } from "../domain/style.ts";

export const ENVIRONMENT_SCHEMA = "antfly-creds.env/v1";

/** What was looked at. */
export interface EnvironmentSubject {
  readonly context: string | undefined;
  readonly namespace: string;
  readonly cluster: string;
}

export function environmentDocument(
  subject: EnvironmentSubject,
  environments: readonly EnvironmentView[],
  exitCode: number,
): object {
  const { context, namespace, cluster } = subject;
  return { schema: ENVIRONMENT_SCHEMA, context: context ?? null, namespace, cluster, environments, exitCode };
}

/** The environments side by side: each variable, where it comes from, what it hides, and what never arrives. */
export function renderEnvironments(
  { namespace, cluster }: EnvironmentSubject,
  environments: readonly EnvironmentView[],
  style: Style,
): string {
  const { dim, bold } = style.paint;
  const lines = [dim(printable(`AntflyCluster ${namespace}/${cluster}: what a container gets when it starts now`))];
  for (const environment of environments) {
    lines.push("", bold(printable(titleOf(environment.of))));
    if (environment.variables.length === 0) lines.push(dim(`  ${nothing(environment)}`));
    const width = Math.max(0, ...environment.variables.map(({ name }) => printable(name).length));
    for (const variable of environment.variables) lines.push(...variableLines(variable, width, style));
    lines.push(...lostLines(environment, style));
  }
  return `${lines.join("\n")}\n`;
}

function titleOf(of: string): string {
  if (of.endsWith("/*")) return `every ${of.slice(0, -2)} (its Job)`;
  return of.includes("/") ? `${of.replace("/", " ")} (its Job)` : `${of} nodes`;
}

/** A Job of a backup only asks the nodes (operator facts, backups): they are the ones that need the keys. */
function nothing({ of, missing, unread }: EnvironmentView): string {
  if (of.endsWith("/*")) return "which there are could not be told";
  const isEmpty = of.includes("/") && missing.length + unread.length === 0;
  return isEmpty
    ? "nothing of its own: the nodes read and write the store, with theirs"
    : "no variable comes from envFrom";
}

function variableLines({ name, from, looks, shadowed }: VariableView, width: number, { paint }: Style): string[] {
  const looking = looks.length === 0 ? "" : paint.dim(`  (${printable(looks.join(", "))})`);
  const head = `  ${printable(name).padEnd(width)}  ${printable(from)}${looking}`;
  return [head, ...shadowed.map((one) => paint.dim(`  ${" ".repeat(width)}  hides ${printable(one)}`))];
}

function lostLines({ dropped, missing, missingOptional, unread }: EnvironmentView, { paint }: Style): string[] {
  return [
    ...missing.map((one) => `  ${paint.red("missing")}   ${printable(one)}: the container cannot start without it`),
    ...missingOptional.map(
      (one) => `  ${paint.yellow("missing")}   ${printable(one)}: it is optional, and passed over`,
    ),
    ...unread.map((one) => `  ${paint.yellow("not read")}  ${printable(one)}: what it brings is not known`),
    ...dropped.map(
      ({ name, from, why }) =>
        `  ${paint.yellow("left out")}  ${printable(name)} of ${printable(from)}: ${printable(why)}`,
    ),
  ];
}
