import type { Finding } from "../domain/finding.ts";
import { describeGrant } from "../domain/grant.ts";
import {
  allResults,
  countByStatus,
  type Report,
  type Result,
  type Source,
  type TargetReport,
} from "../domain/report.ts";

export const REPORT_SCHEMA = "antfly-creds.report/v1";

/** Which build made a document, and when it began. */
export interface Tool {
  readonly version: string;
  /** RFC 3339. */
  readonly startedAt: string;
}

/** A report as the document that scripts rely on (`schemas/report.v1.json`). */
export function reportDocument(report: Report, tool: Tool): object {
  return {
    schema: REPORT_SCHEMA,
    tool: { name: "antfly-creds", version: tool.version },
    startedAt: tool.startedAt,
    source: sourceDocument(report.source),
    targets: report.targets.map(targetDocument),
    results: report.targets.flatMap(({ target, results }) =>
      results.map((result) => resultDocument(target.id, result)),
    ),
    summary: countByStatus(allResults(report)),
    calls: report.calls,
    residue: residueDocument(report),
    exitCode: report.exitCode,
  };
}

/** What is left behind, and what was removed that earlier runs had left. */
export function residueDocument({ targets }: Pick<Report, "targets">): object[] {
  return targets.flatMap(({ target, residue, swept }) => [
    ...residue.map(({ what, command }) => ({ target: target.id, what, state: "left", command })),
    ...swept.map((what) => ({ target: target.id, what, state: "removed", command: null })),
  ]);
}

export function sourceDocument({ mode, context, paths, takenAt }: Source): object {
  return { mode, context: context ?? null, paths, takenAt: takenAt ?? null, vantage: "workstation" };
}

export function targetDocument({ target, overview }: TargetReport): object {
  return {
    id: target.id,
    kind: target.holder?.kind ?? (target.scope === "cluster" ? "AntflyCluster" : "Inputs"),
    context: target.context ?? null,
    namespace: target.namespace,
    name: target.holder?.name ?? target.cluster ?? null,
    image: overview.image ?? null,
    pods: overview.pods,
    operator: { generation: overview.generation ?? null },
  };
}

/** One result with its findings; the same object in every format that is made of JSON. */
export function resultDocument(target: string, result: Result): object {
  return {
    code: result.code,
    slug: result.slug,
    title: result.title,
    area: result.area,
    target,
    status: result.status,
    required: result.required,
    rootCause: result.rootCause,
    explains: result.explains,
    blockedBy: result.blockedBy,
    findings: result.findings.map((found) => findingDocument(result, found)),
    suppressed: result.suppressed.map(({ finding, by }) => ({
      ...findingDocument(result, finding),
      suppression: { reason: by.reason, expires: by.expires ?? null, from: by.from },
    })),
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
    evidence: found.evidence.map(({ label, want, has, path, of }) => ({
      label,
      want: want ?? null,
      has: has ?? null,
      path: path ?? null,
      of: of ?? null,
    })),
    location: found.location ?? null,
    fixes: found.fixes,
  };
}
