import { UserError, type ExitCode } from "../domain/errors.ts";
import { aimedFix, awsCommand, edit, type Fix } from "../domain/finding.ts";
import { issuerHost } from "../domain/iam/trust/provider-arn.ts";
import { judgeTrustPolicy } from "../domain/iam/trust/judge-trust-policy.ts";
import { asFinding } from "../domain/iam/trust/trust-causes.ts";
import type { TrustReport, TrustRequest } from "../domain/iam/trust/trust-types.ts";
import type { App } from "../ports.ts";
import { renderTrustCheck, trustCheckDocument, type TrustCheck } from "../report/trust-check.ts";
import { parseOutputs, printOutputs } from "./outputs.ts";
import {
  onlyOne,
  parseAccountOption,
  parseClaims,
  parseIssuerOption,
  parseSubjectOption,
  USUAL_AUDIENCE,
  type TrustOptions,
} from "./trust-options.ts";
import { readTrustSource, type TrustSource } from "./trust-source.ts";
import { SOURCES } from "./trust-sources.ts";

/** `trust-policy --check`: is this ServiceAccount trusted, and if not, which element of the policy is to blame? */
export async function checkTrust(cluster: string | undefined, options: TrustOptions, app: App): Promise<ExitCode> {
  const outputs = await parseOutputs(options, ["human", "json"], app);
  const { request, notes } = await requestOf(cluster, options, app);
  const source = await readTrustSource(options.check ?? "-", options, app);
  const { account, partition } = source.role ?? {};
  const whole: TrustRequest = {
    ...request,
    account: request.account ?? account,
    partition: request.partition ?? partition,
  };
  const report = judgeTrustPolicy(source.document, whole);
  const exitCode = exitOf(report, options.failOn ?? "error");
  const check = checkOf(source, whole, { ...report, assumed: [...notes, ...report.assumed] }, exitCode);
  await printOutputs(app, outputs, async (format) =>
    format === "json" ? trustCheckDocument(check) : renderTrustCheck(check, await app.terminal.style("out")),
  );
  return exitCode;
}

function exitOf({ decision, findings }: TrustReport, failOn: "error" | "warning"): ExitCode {
  const severe = findings.some(({ severity }) => severity === "critical" || severity === "error");
  if (decision === "deny" || severe) return 3;
  if (decision === "unknown") return 5;
  return failOn === "warning" && findings.some(({ severity }) => severity === "warning") ? 4 : 0;
}

function checkOf(source: TrustSource, request: TrustRequest, report: TrustReport, exitCode: ExitCode): TrustCheck {
  const { subject, file, role, document } = source;
  const update = updateOf(source, report);
  const findings = report.findings.map((found, i) => asFinding(found, subject, file, i === 0 ? update : []));
  return {
    policy: file ?? `role ${role?.name}`,
    size: document.size,
    before: document.value,
    request,
    report,
    findings,
    exitCode,
  };
}

/** The command that puts the patched policy into force. Of a file it is not known which role it is for. */
function updateOf({ role, awsFlags }: TrustSource, { patch }: TrustReport): Fix[] {
  if (patch === undefined) return [];
  const document = JSON.stringify(patch.document);
  const name = role?.name ?? "ROLE";
  const update = awsCommand`aws iam update-assume-role-policy --role-name ${name} --policy-document ${document}`;
  return [role === undefined ? edit(update.text) : aimedFix({ kube: [], aws: awsFlags }, update)];
}

/** What was said on the command line; what was not, and is needed, of the cluster. */
async function requestOf(
  name: string | undefined,
  options: TrustOptions,
  app: App,
): Promise<{ request: TrustRequest; notes: readonly string[] }> {
  const { mechanism } = options;
  const claims = parseClaims(options.claim);
  const one = "one request is judged at a time";
  const subject = onlyOne(options.subject, "--subject", one);
  const issuer = onlyOne(options.issuer, "--issuer", one);
  const given: TrustRequest = {
    mechanism,
    issuer: mechanism === "pod-identity" || issuer === undefined ? undefined : parseIssuerOption(issuer),
    subject: subject === undefined ? undefined : parseSubjectOption(subject),
    claims,
    withoutClaims: options.withoutClaim,
    account: parseAccountOption(options.account),
    partition: undefined,
  };
  const named = given.subject !== undefined || "sub" in claims || (mechanism === "pod-identity" && tagged(claims));
  const complete = named && (mechanism === "pod-identity" || given.issuer !== undefined);
  const found =
    name === undefined && complete ? { request: given, notes: [] } : await fromCluster(name, given, options, app);
  return { ...found, request: withAudience(found.request, options.audience) };
}

/** Both tags that stand for a ServiceAccount are claimed. */
function tagged(claims: TrustRequest["claims"]): boolean {
  const keys = new Set(Object.keys(claims).map((key) => key.toLowerCase()));
  return ["namespace", "service-account"].every((tag) => keys.has(`aws:requesttag/kubernetes-${tag}`));
}

function withAudience(request: TrustRequest, audience: string | undefined): TrustRequest {
  if (request.mechanism === "pod-identity" || "aud" in request.claims || request.withoutClaims.includes("aud"))
    return request;
  return { ...request, claims: { aud: audience ?? USUAL_AUDIENCE, ...request.claims } };
}

async function fromCluster(
  name: string | undefined,
  given: TrustRequest,
  options: TrustOptions,
  app: App,
): Promise<{ request: TrustRequest; notes: readonly string[] }> {
  const { withTrustCluster } = await import("./trust-cluster.ts");
  const told = withTrustCluster(name, options, app, async ({ cluster, audience, issuer, eks }) => {
    const { namespace, serviceAccount = "default" } = cluster;
    const subject = given.subject ?? ("sub" in given.claims ? undefined : { namespace, serviceAccount });
    if (given.mechanism === "pod-identity") {
      const found = await eks();
      const tags =
        found === undefined
          ? {}
          : { "aws:RequestTag/eks-cluster-arn": found.arn, "aws:RequestTag/eks-cluster-name": found.name };
      return { request: { ...given, subject, claims: { ...tags, ...given.claims } }, notes: [] };
    }
    const aud = options.audience ?? audience;
    const claims = { aud, ...given.claims };
    if (given.issuer !== undefined) return { request: { ...given, subject, claims }, notes: [] };
    const { url, source } = await issuer(undefined);
    const notes = [`the issuer is ${url}, as ${SOURCES[source]} says`];
    return { request: { ...given, issuer: issuerHost(url), subject, claims }, notes };
  });
  return told.catch((error: unknown) => Promise.reject(withoutCluster(error)));
}

/** Whoever judges a file needs no cluster, if they say what it would tell. */
function withoutCluster(error: unknown): unknown {
  if (!(error instanceof UserError) || error.code !== "no-kubeconfig") return error;
  return new UserError(error.code, `${error.message}, and the flags do not say all of the request`, {
    hint: "say it with --issuer URL and --subject NAMESPACE/NAME, or pass --kubeconfig FILE",
  });
}
