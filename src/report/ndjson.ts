import type { Lines } from "../domain/redact.ts";
import { allResults, countByStatus, type Report } from "../domain/report.ts";
import { residueDocument, resultDocument, sourceDocument, targetDocument, type Tool } from "./json.ts";

export const STREAM_SCHEMA = "antfly-creds.report-stream/v1";

/**
 * A report as one document a line (`schemas/report-stream.v1.json`): for many targets, whose report as one document would
 * have to be held as a whole by who reads it. A stream without its `end` was cut off.
 */
export function renderNdjson(report: Report, tool: Tool): Lines {
  return {
    lines: [
      {
        schema: STREAM_SCHEMA,
        kind: "run",
        tool: { name: "antfly-creds", version: tool.version },
        startedAt: tool.startedAt,
        source: sourceDocument(report.source),
      },
      ...report.targets.flatMap((target) => [
        { kind: "target", target: targetDocument(target) },
        ...target.results.map((result) => ({ kind: "result", result: resultDocument(target.target.id, result) })),
      ]),
      {
        kind: "end",
        summary: countByStatus(allResults(report)),
        calls: report.calls,
        residue: residueDocument(report),
        exitCode: report.exitCode,
      },
    ],
  };
}
