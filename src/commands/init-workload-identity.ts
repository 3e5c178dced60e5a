import { UserError, type ExitCode } from "../domain/errors.ts";
import { memberOf, principalOf } from "../domain/gcp/member.ts";
import { GOOGLE_ANNOTATION } from "../domain/gcp/workload-identity.ts";
import { shell } from "../domain/shell.ts";
import { planInitWorkloadIdentity } from "../plans/init-workload-identity.ts";
import { SCRIPT, TERRAFORM, workloadIdentityFiles } from "../plans/workload-identity-files.ts";
import type { WorkloadIdentityInput } from "../plans/workload-identity-input.ts";
import type { App } from "../ports.ts";
import { gkeInput } from "./gke-input.ts";
import { accountLeftBy, readGoogleAccount, wantedAccount } from "./google-account.ts";
import { aimsOnGoogle, notesOnBackups } from "./google-aims.ts";
import { chosenRole, readGoogleBuckets } from "./google-buckets.ts";
import type { WorkloadOptions } from "./identity-options.ts";
import { useOfBackups } from "./identity-use.ts";
import { initIdentity, type IdentityKind, type IdentityLook, type PreparedIdentity } from "./init-identity.ts";
import { orThrow, permissionsIn } from "./or-throw.ts";

const WORKLOAD_IDENTITY: IdentityKind<WorkloadOptions> = {
  command: "workload-identity",
  title: "Workload Identity",
  gives: "an identity",
  where: "Google Cloud",
  rights: () => ["--init-workload-identity"],
  keys: ({ cluster: { namespace, name }, account }, { googleAccount }, flags) => {
    const known = [googleAccount, account.existing?.annotations[GOOGLE_ANNOTATION]];
    const email = known.find((one) => one?.includes("@") === true) ?? "SERVICE_ACCOUNT_EMAIL";
    return shell`antfly-creds init secret ${name} -n ${namespace} --provider gcs --create-hmac ${email} ${flags}`;
  },
  files: { script: SCRIPT, terraform: TERRAFORM },
  proof: {
    of: "identity",
    eventually: new Set([
      "gke.binding-missing",
      "gke.binding-propagation",
      "gke.gsa-missing",
      "gke.identity-pool-missing",
      "gke.role-missing",
    ]),
    // Two minutes as a rule, seven at the most (IAM documentation, "Access change propagation").
    shownWithinMs: 7 * 60_000,
    codes: ["ANT0610", "ANT0611", "ANT0602"],
  },
  prepare,
};

/** An identity on Google Cloud that the pods have by the workload pool of their GKE cluster. */
export async function initWorkloadIdentity(
  name: string | undefined,
  options: WorkloadOptions,
  app: App,
): Promise<ExitCode> {
  assertOneWay(options);
  return initIdentity(name, { ...options, ...bucketOnGoogle(options) }, app, WORKLOAD_IDENTITY);
}

function assertOneWay({ direct, googleAccount, googleProject }: WorkloadOptions): void {
  const other = googleAccount !== undefined ? "--google-account" : googleProject !== undefined && "--google-project";
  if (direct !== true || other === false) return;
  throw new UserError("usage", `--direct goes without a Google service account, and ${other} names one`);
}

/** Whoever names no scheme means a bucket of Google's here. */
function bucketOnGoogle({ bucket }: WorkloadOptions): Pick<WorkloadOptions, "bucket"> {
  if (bucket === undefined) return {};
  if (!bucket.startsWith("s3://")) return { bucket: bucket.includes("://") ? bucket : `gs://${bucket}` };
  throw new UserError("bad-bucket", "a Google identity is for buckets of Google Cloud Storage", {
    hint: "name one as gs://BUCKET/PREFIX; antfly-creds init irsa is for those of AWS",
  });
}

async function prepare(look: IdentityLook<WorkloadOptions>): Promise<PreparedIdentity> {
  const { cloud, kube, cluster, account, options } = look;
  const { namespace, name } = cluster;
  const google = await cloud.google();
  const { gke, project, projectNumber } = await gkeInput(look);
  const workload = { pool: gke.pool, namespace, name: account.name };
  const member = memberOf({ ...workload, projectNumber: undefined });
  const annotated = account.existing?.annotations[GOOGLE_ANNOTATION];
  const wanted =
    options.direct === true
      ? undefined
      : wantedAccount({
          named: options.googleAccount,
          annotated,
          project: options.googleProject ?? project,
          namespace,
          cluster: name,
          serviceAccount: [account.name, "-n", namespace, ...kube.flags],
        });
  const found = wanted && (await readGoogleAccount(google, wanted, { ...look, project, pool: gke.pool, member }));
  const principal =
    found === undefined
      ? principalOf({
          ...workload,
          projectNumber: orThrow(projectNumber, permissionsIn(kube, "--init-workload-identity")),
        })
      : `serviceAccount:${found.input.email}`;
  const aims = await aimsOnGoogle(look);
  const role = await chosenRole(google, options.role);
  const { buckets, notes } = await readGoogleBuckets(google, aims, { role, principal, project });
  const places = aims.map(({ bucket, prefix }) => ({ bucket, prefix, region: undefined, project }));
  const use = await useOfBackups(look, places, { protocol: "gcs", gcs_credentials: { source: "default" } });
  const input: WorkloadIdentityInput = {
    target: look.look.target,
    cluster,
    spec: look.spec,
    account,
    note: look.note,
    use,
    gke,
    googleAccount: found?.input,
    member,
    principal,
    role: role.name,
    buckets,
  };
  return {
    clients: { google },
    input,
    has: found === undefined ? "its rights on Google Cloud itself" : `Google service account ${found.input.email}`,
    plan: planInitWorkloadIdentity(input),
    files: (renderYaml) => workloadIdentityFiles(input, renderYaml),
    alsoRun:
      found === undefined && annotated !== undefined
        ? [
            shell`kubectl annotate serviceaccount ${account.name} -n ${namespace} ${`${GOOGLE_ANNOTATION}-`} ${kube.flags}`,
          ]
        : [],
    notes: [...(found?.notes ?? []), ...role.notes, ...notes, ...(await notesOnBackups(look, use))],
    leftBy: accountLeftBy(google, found?.input.email),
  };
}
