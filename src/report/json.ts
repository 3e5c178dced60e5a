import type { Finding } from "../domain/finding.ts";
import { describeGrant } from "../domain/grant.ts";
import { countByStatus, type Report, type Result } from "../domain/report.ts";

export const REPORT_SCHEMA = "antfly-creds.report/v1";

/** A report as the document that scripts rely on (`schemas/report.v1.json`). */
export function reportDocument(report: Report, tool: { version: string; startedAt: string }): object {
  const { target, overview } = report;
  return {
    schema: REPORT_SCHEMA,
    tool: { name: "antfly-creds", version: tool.version },
    startedAt: tool.startedAt,
    source: { mode: "live", context: target.context },
    targets: [
      {
        id: "t1",
        kind: "AntflyCluster",
        namespace: target.namespace,
        name: target.cluster ?? null,
        image: overview.image ?? null,
        pods: overview.pods,
        operator: { generation: overview.generation ?? null },
      },
    ],
    results: report.results.map(resultDocument),
    summary: countByStatus(report.results),
    calls: report.calls,
    residue: [],
    exitCode: report.exitCode,
  };
}

function resultDocument(result: Result): object {
  return {
    code: result.code,
    slug: result.slug,
    title: result.title,
    area: result.area,
    target: "t1",
    status: result.status,
    required: result.required,
    rootCause: result.rootCause,
    explains: result.explains,
    blockedBy: result.blockedBy,
    findings: result.findings.map((found) => findingDocument(result, found)),
    unknown: result.unknown.map(({ what, why, grant, fix }) => ({
      what,
      why,
      grant: grant === undefined ? null : describeGrant(grant),
      fix: fix ?? null,
    })),
    skipReason: result.skipReason ?? null,
    docs: `docs/checks/${result.code}.md`,
  };
}

function findingDocument(result: Result, found: Finding): object {
  return {
    code: result.code,
    cause: found.cause,
    status: found.status,
    severity: found.severity,
    subject: found.subject,
    message: found.message,
    evidence: found.evidence.map(({ label, want, has, path }) => ({
      label,
      want: want ?? null,
      has: has ?? null,
      path: path ?? null,
    })),
    location: found.location ?? null,
    fixes: found.fixes,
  };
}
