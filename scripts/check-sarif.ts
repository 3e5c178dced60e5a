import { execFileSync } from "node:child_process";
import { chmodSync, mkdtempSync, readFileSync, realpathSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { delimiter, dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { isDeepStrictEqual } from "node:util";

import { renderSarif } from "../src/report/sarif.ts";
import { REPORTS, TOOL } from "../test/support/reports.ts";

// Has the validator of the SARIF SDK judge the reports of the golden files, by the rules of the standard and by those of
// GitHub's code scanning. The validator is 104 MB, so it is no dependency:
// npm exec --yes --package=@microsoft/sarif-multitool-linux@5.7.0 -- node scripts/check-sarif.ts

/** Rules of the levels error and warning that we break on purpose, and why. */
const ACCEPTED: Readonly<Record<string, string>> = {};

const SCHEMA = new URL("../test/support/sarif-2.1.0.schema.json", import.meta.url);

interface Verdict {
  readonly ruleId: string;
  readonly level?: string;
  readonly message: { readonly arguments?: readonly string[]; readonly text?: string };
}

const multitool = packageFolder();
const folder = mkdtempSync(join(tmpdir(), "antfly-creds-sarif-"));
const problems: string[] = [];
try {
  for (const [name, report] of Object.entries(REPORTS)) {
    const file = join(folder, `${name}.sarif`);
    writeFileSync(file, JSON.stringify(renderSarif(report, TOOL), null, 2));
    const verdicts = validate(file).filter(({ ruleId }) => ACCEPTED[ruleId] === undefined);
    for (const { ruleId, level, message } of verdicts)
      problems.push(`${name}.sarif: ${level ?? "warning"} ${ruleId}: ${message.text ?? message.arguments?.join(" ")}`);
  }
} finally {
  rmSync(folder, { recursive: true, force: true });
}
if (!isDeepStrictEqual(json(fileURLToPath(SCHEMA)), json(join(multitool, "sarif-2.1.0.json"))))
  problems.push("test/support/sarif-2.1.0.schema.json is not the schema of the validator");
for (const problem of problems) process.stderr.write(`error: ${problem}\n`);
process.stdout.write(`${Object.keys(REPORTS).length} SARIF logs, ${problems.length} problems\n`);
process.exitCode = problems.length === 0 ? 0 : 1;

/** Errors and warnings; the validator itself ends with 0 whatever it finds. */
function validate(file: string): Verdict[] {
  const log = `${file}.verdict`;
  const args = ["validate", file, "--rule-kind", "Sarif;Ghas", "--level", "Error;Warning", "--output", log];
  execFileSync(join(multitool, "Sarif.Multitool"), args, { stdio: "ignore" });
  const [run] = json(log).runs;
  if (run.invocations?.[0]?.executionSuccessful === false) throw new Error(`the validator could not judge ${file}`);
  return run.results ?? [];
}

/** The package that `npm exec` put into PATH. */
function packageFolder(): string {
  for (const path of (process.env["PATH"] ?? "").split(delimiter)) {
    try {
      const found = dirname(realpathSync(join(path, "sarif-multitool-linux")));
      chmodSync(join(found, "Sarif.Multitool"), 0o755);
      return found;
    } catch {
      continue;
    }
  }
  throw new Error("the SARIF validator is not in PATH; see the first lines of scripts/check-sarif.ts");
}

// oxlint-disable-next-line typescript/no-explicit-any -- documents of others
function json(file: string): any {
  return JSON.parse(readFileSync(file, "utf8"));
}
