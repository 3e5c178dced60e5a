/** One line of the bench: what, measured, budget, whether it is within, and what it was here. */
export type Row = readonly [what: string, measured: string, budget: string, verdict: string, here: string];

export const GAP: Row = ["", "", "", "", ""];

export function heading(what: string, measured: string, here = ""): Row {
  return [what, measured, "budget", "", here];
}

/** A row with its verdict; `say` writes a number with its unit. */
export function row(what: string, measured: number, most: number, say: (value: number) => string, here = ""): Row {
  return [what, say(measured), `<= ${say(most)}`, measured <= most ? "ok" : "OVER", here];
}

export function printTable(rows: readonly Row[]): void {
  const widths = [0, 1, 2, 3, 4].map((column) => Math.max(...rows.map((cells) => cells[column]?.length ?? 0)));
  for (const cells of rows) {
    const line = cells.map((cell, i) => cell.padEnd(widths[i] ?? 0)).join("  ");
    process.stdout.write(`${line.trimEnd()}\n`);
  }
}
