import { stringify } from "yaml";

import type { Workshop } from "../apply/handler.ts";
import type { Cloud, World } from "../collect/collector.ts";
import { parseDuration } from "../domain/duration.ts";
import { UserError, type ExitCode } from "../domain/errors.ts";
import type { Plan } from "../domain/plan.ts";
import { shell } from "../domain/shell.ts";
import type { IdentityInput } from "../plans/identity-input.ts";
import { noteName } from "../plans/journal-note.ts";
import { asFilePlan, type IdentityFile } from "../plans/manifest-files.ts";
import type { App, Kube } from "../ports.ts";
import { asUserError, carryOut } from "./carry-out.ts";
import { cloudRun } from "./cloud.ts";
import { tellEarlierRun, readNote, type LeftBy, type Note } from "./earlier-run.ts";
import { assertNotManaged, assertUsable, readIdentityCluster, type IdentityCluster } from "./identity-cluster.ts";
import type { IdentityOptions } from "./identity-options.ts";
import { proveIdentity, type ProofOfKind } from "./identity-proof.ts";
import { fingerprints, lookAt, type LiveLook } from "./look.ts";
import { kubeSelection } from "./options.ts";
import { permissionsIn } from "./or-throw.ts";
import { parseOutputs } from "./outputs.ts";
import { PLAN_FORMATS, printReport, REPORT_FORMATS, type ReportFormat } from "./print-report.ts";

/** What a kind of identity is planned from. */
export interface IdentityLook<O extends IdentityOptions = IdentityOptions> extends IdentityCluster {
  readonly app: App;
  readonly kube: Kube;
  readonly cloud: Cloud;
  readonly world: World;
  readonly look: LiveLook;
  readonly options: O;
  readonly note: Note | undefined;
}

export interface PreparedIdentity {
  /** The clients that the steps work with. */
  readonly clients: Pick<Workshop, "aws" | "google">;
  readonly plan: Plan;
  readonly input: IdentityInput;
  /** What the pods have when all is done: `IAM role antfly-production-c1`. */
  readonly has: string;
  /** What is to be run besides the files' own commands. */
  readonly alsoRun?: readonly string[];
  /** The same as files. */
  readonly files: (renderYaml: (object: unknown) => string) => readonly IdentityFile[];
  /** What a person should know before agreeing. */
  readonly notes: readonly string[];
  readonly leftBy: LeftBy;
}

export interface IdentityKind<O extends IdentityOptions = IdentityOptions> {
  readonly command: "irsa" | "pod-identity" | "workload-identity";
  /** In a sentence: `IRSA`, `a role`, `AWS`. */
  readonly title: string;
  readonly gives: string;
  readonly where: string;
  /** Arguments with which `permissions` prints the rights that it takes. */
  readonly rights: (options: O) => readonly string[];
  /** The command that sets up keys instead, where no backup could use the identity. */
  readonly keys: (read: IdentityCluster, options: O, flags: readonly string[]) => string;
  /** Which of the files does it in the cloud. */
  readonly files: { readonly script: string; readonly terraform: string };
  readonly proof: ProofOfKind;
  prepare(look: IdentityLook<O>): Promise<PreparedIdentity>;
}

/** An identity for the pods: collect → plan → show → ask → apply → prove. */
export async function initIdentity<O extends IdentityOptions>(
  name: string | undefined,
  options: O,
  app: App,
  kind: IdentityKind<O>,
): Promise<ExitCode> {
  const filesOnly = options.writeTo !== undefined;
  const planOnly = options.dryRun === true || filesOnly;
  const outputs = await parseOutputs<ReportFormat>(options, planOnly ? PLAN_FORMATS : REPORT_FORMATS, app);
  const waitMs = parseDuration(options.wait, "--wait");
  const startedAt = app.now().toISOString();
  const kube = await app.kube(kubeSelection(options));
  const cloud = cloudRun(options, kube, app);
  const printedBy = permissionsIn(kube, ...(name === undefined ? [] : [name]), ...kind.rights(options));
  try {
    const look = await lookForIdentity(name, { options, app, kube, cloud: cloud.world, kind });
    const prepared = await kind.prepare(look).catch((error: unknown) => Promise.reject(asUserError(error, printedBy)));
    const { input, plan } = prepared;
    for (const note of prepared.notes) app.terminal.err(`note: ${note}\n`);
    await tellEarlierRun(look.note, plan, prepared.leftBy, app);
    const chosen = filesOnly
      ? asFilePlan(
          plan,
          options.writeTo ?? "",
          prepared.files((object) => stringify(object)),
        )
      : plan;
    const runId = Buffer.from(app.random(8)).toString("hex");
    const shop = {
      app,
      kube,
      ...prepared.clients,
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
      nothing: nothingToChange(input, prepared.has),
      afterwards: howToApply(options.writeTo ?? "", prepared, kind, kube.flags),
      checked: `the API server accepts its steps, and ${kind.where} can only be asked by doing it`,
      printedBy,
    });
    if (!done) return 0;
    const changed = plan.steps.length > 0;
    const { report, exitCode } = await proveIdentity(look, input, kind.proof, { waitMs, changed, cloud });
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

async function lookForIdentity<O extends IdentityOptions>(
  name: string | undefined,
  given: { options: O; app: App; kube: Kube; cloud: World["cloud"]; kind: IdentityKind<O> },
): Promise<IdentityLook<O>> {
  const { options, app, kube, cloud, kind } = given;
  const look = await lookAt(app, kube, name, cloud);
  const read = await readIdentityCluster(look, kube, options);
  assertUsable(read, {
    ...kind,
    identityOnly: options.identityOnly === true,
    keys: kind.keys(read, options, kube.flags),
  });
  if ("off" in cloud) throw new UserError("no-cloud", `init ${kind.command} works in ${kind.where}, and ${cloud.off}`);
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
  return { ...read, app, kube, cloud, world, look, options, note };
}

function nothingToChange({ account, cluster }: IdentityInput, has: string): string {
  return `Nothing to change: the pods of AntflyCluster ${cluster.name} run as ServiceAccount ${account.name}, which has ${has}.\n`;
}

/** First what a new pod needs, then what rolls the pods. */
function howToApply(
  folder: string,
  { input: { cluster, account, use }, alsoRun = [] }: PreparedIdentity,
  { files, where }: Pick<IdentityKind, "files" | "where">,
  flags: readonly string[],
): string {
  const { namespace, name } = cluster;
  const at = (file: string): string => `${folder.replace(/(?<=.)\/+$/, "")}/${file}`;
  const lines = [
    shell`sh ${at(files.script)}`,
    shell`kubectl apply --server-side -f ${at(`serviceaccount-${account.name}.yaml`)} ${flags}`,
    ...alsoRun,
    shell`kubectl patch antflycluster ${name} -n ${namespace} --type merge --patch-file ${at(`antflycluster-${name}.patch.yaml`)} ${flags}`,
    ...(use?.backups ?? []).map((backup) => {
      const kind = backup.kind.toLowerCase();
      return shell`kubectl patch ${kind} ${backup.name} -n ${backup.namespace} --type merge --patch-file ${at(`${kind}-${backup.name}.patch.yaml`)} ${flags}`;
    }),
  ];
  return `Nothing was changed on the cluster or in ${where}. To apply (${files.terraform} does the first for Terraform):\n${lines.map((line) => `  ${line}\n`).join("")}`;
}
