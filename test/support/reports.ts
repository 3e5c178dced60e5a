import { edit, finding, safeCommand, command, type Finding } from "../../src/domain/finding.ts";
import { exitCodeOf, type ExitPolicy, type Report, type Result, type TargetReport } from "../../src/domain/report.ts";
import type { Tool } from "../../src/report/json.ts";

/** Reports that every format is tried on; the golden files of test/report/ show what each makes of them. */

export const TOOL: Tool = { version: "0.1.0", startedAt: "2026-11-24T08:00:00.000Z" };
const POLICY: ExitPolicy = { failOn: "error", allowUnknown: [] };

export const result = (code: `ANT${number}`, more: Partial<Result>): Result => ({
  ...{
    code,
    slug: "some-check",
    title: `Title of ${code}`,
    area: "references",
    required: true,
    severity: "error",
    status: "pass",
    findings: [],
    rootCause: false,
  },
  ...{ explains: [], blockedBy: [], unknown: [], suppressed: [], skipReason: undefined },
  ...more,
});

/** A report of one cluster. */
export const liveReport = (results: readonly Result[], policy: ExitPolicy = POLICY): Report => ({
  source: { mode: "live", context: "prod", paths: [], takenAt: undefined },
  targets: [
    {
      target: { id: "t1", scope: "cluster", context: "prod", namespace: "production", cluster: "search" },
      overview: { pods: { metadata: 3, data: 4 }, generation: 2, image: "antfly" },
      residue: [],
      swept: [],
      results,
    },
  ],
  calls: { kubernetes: 9 },
  policy,
  exitCode: exitCodeOf(results, policy),
});

export const missing = finding(
  "k8s.secret-missing",
  "critical",
  { kind: "Secret", namespace: "production", name: "keys" },
  "Secret keys does not exist in namespace production",
  {
    evidence: [
      { label: "read by", has: "metadata nodes, data nodes" },
      { label: "AWS_REGION", want: "set", has: "not set" },
    ],
    fixes: [command`antfly-creds init secret search -n production`, edit("or create it by hand")],
  },
);

export const RESULTS: readonly Result[] = [
  result("ANT0101", { area: "access", slug: "api-and-crd" }),
  result("ANT0201", {
    slug: "references-exist",
    status: "fail",
    rootCause: true,
    findings: [missing],
    explains: ["ANT0202"],
  }),
  result("ANT0202", { status: "blocked", blockedBy: ["ANT0201"] }),
  result("ANT0205", { status: "skip", skipReason: "nothing to compare" }),
  result("ANT0206", {
    status: "warn",
    severity: "warning",
    findings: [
      finding(
        "k8s.component-mismatch",
        "warning",
        { kind: "AntflyCluster", namespace: "production", name: "search" },
        "The groups differ",
      ),
    ],
  }),
  result("ANT0701", {
    area: "rollout",
    status: "unknown",
    unknown: [
      {
        what: "Pods",
        why: 'pods is forbidden: User "dev" cannot list',
        grant: { group: "", resource: "pods", verb: "list", scope: "namespace" },
        fix: safeCommand`antfly-creds permissions search -n production --for ANT0701`,
      },
    ],
  }),
];

/** One of each status, of a live cluster. */
export const LIVE: Report = liveReport(RESULTS);

export const HEALTHY: Report = liveReport([result("ANT0101", { area: "access" }), result("ANT0201", {})]);

/** What somebody may write into a manifest, or a server into an answer, to be taken for something else. */
export const HOSTILE = [
  "one | two \\| three",
  "::error::x%0A::warning::y",
  "##[error]z",
  "<script>alert(1)</script> <!-- & ]]>",
  "[click](https://evil.example/?a=1) ![x](https://evil.example/x.png) www.evil.example",
  "@octocat @antflydb/team dev@evil.example #12 GH-12",
  "```\n~~~\n`` `code` ``",
  "\u001b[31mred\u0007 \u202eevil\u202c\r\nline two",
  "a\ud800b \ufffe {0} $x$",
  "</details></testsuite>",
].join(" ");

const at = (found: Finding, file: string, line: number, column: number): Finding => ({
  ...found,
  location: { file, line, column },
});

const hostile = finding(
  "iam.sub-mismatch",
  "error",
  { kind: "ConfigMap", namespace: "staging", name: HOSTILE },
  HOSTILE,
  {
    evidence: [
      { label: HOSTILE, want: HOSTILE, has: HOSTILE, path: "/spec/dataNodes/envFrom/0" },
      { label: "only wanted", want: "x" },
    ],
    fixes: [command`kubectl delete configmap ${HOSTILE} -n staging`, edit(HOSTILE)],
  },
);

const region = finding(
  "values.region-missing",
  "warning",
  { kind: "Secret", namespace: "staging", name: "keys" },
  "AWS_REGION is not set.",
  { evidence: [{ label: "AWS_REGION", want: "set", path: "/data/AWS_REGION" }] },
);

const by = { reason: `accepted: ${HOSTILE}`, expires: "2026-12-31", from: ".antfly-creds.yaml:12" };

const inputs: TargetReport = {
  target: { id: "inputs", scope: "inputs", context: undefined, namespace: "", cluster: undefined },
  overview: { pods: {}, generation: undefined, image: undefined },
  residue: [],
  swept: [],
  results: [
    result("ANT0901", {
      area: "tool",
      slug: "readable-inputs",
      status: "fail",
      rootCause: true,
      findings: [
        at(
          finding(
            "input.duplicate-key",
            "error",
            { kind: "File", name: "deploy/my app.yaml" },
            "The key data is there twice",
          ),
          "./deploy/my app.yaml",
          7,
          3,
        ),
      ],
    }),
  ],
};

const staging: TargetReport = {
  target: { id: "t1", scope: "cluster", context: undefined, namespace: "staging", cluster: "search" },
  overview: { pods: {}, generation: undefined, image: "antfly" },
  residue: [],
  swept: [],
  results: [
    result("ANT0201", {
      slug: "references-exist",
      status: "fail",
      findings: [at(hostile, "deploy\\a\ud800%#?.yaml", 12, 5)],
    }),
    result("ANT0203", {
      area: "values",
      slug: "value-shape",
      status: "warn",
      severity: "warning",
      findings: [region],
      suppressed: [{ finding: at(hostile, "../shared/values.yaml", 1, 1), by }],
    }),
    result("ANT0204", {
      area: "values",
      status: "info",
      severity: "info",
      required: false,
      findings: [finding("values.note", "info", { kind: "Secret", namespace: "staging", name: "keys" }, HOSTILE)],
      unknown: [{ what: "region", why: HOSTILE }],
    }),
    result("ANT0206", { status: "blocked", blockedBy: ["ANT0102"] }),
    result("ANT0701", { area: "rollout", status: "skip", skipReason: "files hold no pods" }),
  ],
};

/** Files with places in them: two targets, a suppressed finding, and hostile text wherever text can be. */
export const FILES: Report = {
  source: { mode: "files", context: undefined, paths: ["deploy", "-"], takenAt: undefined },
  targets: [inputs, staging],
  calls: { kubernetes: 0 },
  policy: POLICY,
  exitCode: 3,
};

export const REPORTS: Readonly<Record<string, Report>> = { live: LIVE, files: FILES, healthy: HEALTHY };
