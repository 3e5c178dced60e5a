import { stringify } from "yaml";

import type { Cloud, World } from "../collect/collector.ts";
import { parseDuration } from "../domain/duration.ts";
import { UserError, type ExitCode } from "../domain/errors.ts";
import type { Plan } from "../domain/plan.ts";
import { shell } from "../domain/shell.ts";
import { asFilePlan, identityFiles, type Mechanism } from "../plans/identity-files.ts";
import type { IdentityInput } from "../plans/identity-input.ts";
import { noteName } from "../plans/journal-note.ts";
import type { App, Aws, Kube } from "../ports.ts";
import { asUserError, carryOut } from "./carry-out.ts";
import { cloudRun } from "./cloud.ts";
import { tellEarlierRun, readNote, type Note } from "./earlier-run.ts";
import { assertNotManaged, assertUsable, readIdentityCluster, type IdentityCluster } from "./identity-cluster.ts";
import type { IdentityOptions } from "./identity-options.ts";
import type { Home } from "./identity-role.ts";
import { proveIdentity } from "./identity-proof.ts";
import { fingerprints, lookAt, type LiveLook } from "./look.ts";
import { kubeSelection } from "./options.ts";
import { permissionsIn } from "./or-throw.ts";
import { parseOutputs } from "./outputs.ts";
import { PLAN_FORMATS, printReport, REPORT_FORMATS, type ReportFormat } from "./print-report.ts";

/** What a kind of identity is planned from. */
export interface IdentityLook extends IdentityCluster {
  readonly app: App;
  readonly kube: Kube;
  readonly aws: Aws;
  readonly cloud: Cloud;
  readonly world: World;
  readonly look: LiveLook;
  readonly options: IdentityOptions;
  readonly note: Note | undefined;
}

export interface PreparedIdentity {
  /** The client that the steps work with: EKS answers for one region. */
  readonly aws: Aws;
  readonly plan: Plan;
  readonly input: IdentityInput;
  readonly mechanism: Mechanism;
  /** What a person should know before agreeing. */
  readonly notes: readonly string[];
}

export interface IdentityKind {
  readonly command: "irsa" | "pod-identity";
  /** In a sentence: `IRSA`. */
  readonly title: string;
  prepare(look: IdentityLook): Promise<PreparedIdentity>;
}

/** The account and partition that the tool itself is in. */
export async function homeOf(aws: Aws): Promise<Home> {
  const { account, arn } = await aws.callerIdentity();
  return { account, partition: arn.split(":")[1] ?? "aws" };
}

/** A role for the pods: collect → plan → show → ask → apply → prove. */
export async function initIdentity(
  name: string | undefined,
  options: IdentityOptions,
  app: App,
  kind: IdentityKind,
): Promise<ExitCode> {
  const filesOnly = options.writeTo !== undefined;
  const planOnly = options.dryRun === true || filesOnly;
  const outputs = await parseOutputs<ReportFormat>(options, planOnly ? PLAN_FORMATS : REPORT_FORMATS, app);
  const waitMs = parseDuration(options.wait, "--wait");
  const startedAt = app.now().toISOString();
  const kube = await app.kube(kubeSelection(options));
  const cloud = cloudRun(options, kube, app);
  const named = [...(name === undefined ? [] : [name]), `--init-${kind.command}`];
  const printedBy = permissionsIn(kube, ...named, ...(options.role === undefined ? [] : ["--role", options.role]));
  try {
    const look = await lookForIdentity(name, { options, app, kube, cloud: cloud.world, kind });
    const prepared = await kind.prepare(look).catch((error: unknown) => Promise.reject(asUserError(error, printedBy)));
    const { input, mechanism, plan, aws } = prepared;
    for (const note of prepared.notes) app.terminal.err(`note: ${note}\n`);
    await tellEarlierRun(look.note, { plan, role: input.role.arn }, aws, app);
    const chosen = filesOnly
      ? asFilePlan(
          plan,
          options.writeTo ?? "",
          identityFiles(input, mechanism, (object) => stringify(object)),
        )
      : plan;
    const runId = Buffer.from(app.random(8)).toString("hex");
    const shop = {
      app,
      kube,
      aws,
      boxes: new Map(),
      runId,
      replaceFiles: options.overwrite ?? false,
      ...(isNoted(chosen) ? { journal: noteName(input.cluster.name) } : {}),
    };
    const done = await carryOut(chosen, shop, app, {
      dryRun: options.dryRun ?? false,
      yes: options.yes ?? false,
      filesOnly,
      outputs,
      nothing: nothingToChange(input),
      afterwards: howToApply(options.writeTo ?? "", input, kube.flags),
      checked: "the API server accepts its steps, and AWS can only be asked by doing it",
      printedBy,
    });
    if (!done) return 0;
    const changed = plan.steps.length > 0;
    const { report, exitCode } = await proveIdentity(look, input, { waitMs, changed, cloud });
    await printReport(app, { ...report, exitCode }, outputs, { startedAt, quiet: options.quiet ?? false });
    return exitCode;
  } finally {
    await Promise.all([kube.close(), cloud.close()]);
  }
}

/** Files tell by themselves, and so does a note that is removed. */
function isNoted({ steps }: Plan): boolean {
  return steps.some((step) => step.do !== "file.write" && step.do !== "journal.remove");
}

async function lookForIdentity(
  name: string | undefined,
  given: { options: IdentityOptions; app: App; kube: Kube; cloud: World["cloud"]; kind: IdentityKind },
): Promise<IdentityLook> {
  const { options, app, kube, cloud, kind } = given;
  const look = await lookAt(app, kube, name, cloud);
  const read = await readIdentityCluster(look, kube, options);
  assertUsable(read, { identityOnly: options.identityOnly === true, how: kind.title }, kube.flags);
  if ("off" in cloud) throw new UserError("no-cloud", `init ${kind.command} works in AWS, and ${cloud.off}`);
  assertNotManaged(read.owners, options);
  const { namespace, name: cluster } = read.cluster;
  const world: World = {
    reader: kube,
    namespace,
    cluster,
    allNamespaces: false,
    fingerprint: fingerprints(app),
    cloud,
  };
  const note = options.writeTo === undefined ? await readNote(kube, namespace, noteName(cluster)) : undefined;
  return { ...read, app, kube, aws: await cloud.aws(), cloud, world, look, options, note };
}

function nothingToChange({ account, cluster, role }: IdentityInput): string {
  return `Nothing to change: the pods of AntflyCluster ${cluster.name} run as ServiceAccount ${account.name}, which has IAM role ${role.name}.\n`;
}

/** First what a new pod needs, then what rolls the pods. */
function howToApply(folder: string, { cluster, account, use }: IdentityInput, flags: readonly string[]): string {
  const { namespace, name } = cluster;
  const at = (file: string): string => `${folder.replace(/(?<=.)\/+$/, "")}/${file}`;
  const lines = [
    shell`sh ${at("aws.sh")}`,
    shell`kubectl apply --server-side -f ${at(`serviceaccount-${account.name}.yaml`)} ${flags}`,
    shell`kubectl patch antflycluster ${name} -n ${namespace} --type merge --patch-file ${at(`antflycluster-${name}.patch.yaml`)} ${flags}`,
    ...(use?.backups ?? []).map((backup) => {
      const kind = backup.kind.toLowerCase();
      return shell`kubectl patch ${kind} ${backup.name} -n ${backup.namespace} --type merge --patch-file ${at(`${kind}-${backup.name}.patch.yaml`)} ${flags}`;
    }),
  ];
  return `Nothing was changed on the cluster or in AWS. To apply (role.tf does the first for Terraform):\n${lines.map((line) => `  ${line}\n`).join("")}`;
}
