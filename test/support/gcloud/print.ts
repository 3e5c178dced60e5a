import { stringify } from "yaml";

import { GcloudFailure } from "./failure.ts";

/** What a command prints, by `--format`: YAML, JSON, or `value(a.b, c)`. */
export function printed(value: unknown, format: string | undefined): string {
  if (value === undefined) return "";
  if (format === "json") return `${JSON.stringify(value, null, 2)}\n`;
  if (format === "none") return "";
  const [, keys] = /^value\(([^)]*)\)$/.exec(format ?? "") ?? [];
  if (keys !== undefined) {
    const paths = keys.split(",").map((key) => key.trim().split("."));
    const rows = Array.isArray(value) ? value : [value];
    return rows.map((row) => `${paths.map((path) => cell(row, path)).join("\t")}\n`).join("");
  }
  if (format !== undefined && format !== "yaml") throw new GcloudFailure(1, `this stand-in prints no format ${format}`);
  const documents = Array.isArray(value) ? value.map((one) => `---\n${yaml(one)}`) : [yaml(value)];
  return documents.join("");
}

function yaml(value: unknown): string {
  return stringify(value, { sortMapEntries: true, indentSeq: false, lineWidth: 0, singleQuote: true });
}

function cell(row: unknown, path: readonly string[]): string {
  const found = path.reduce<unknown>((from, name) => (from as Record<string, unknown> | undefined)?.[name], row);
  if (found === undefined || found === null) return "";
  if (typeof found === "boolean") return found ? "True" : "False";
  return typeof found === "object" ? JSON.stringify(found) : String(found);
}
