import { create } from "./antfly.ts";
import { crdsOf, type StandInGeneration } from "./crds/crds.ts";
import type { AnyObject } from "./follow.ts";
import { GKE_ISSUER, startGoogleServer, type InProcessGoogle } from "./google-server/index.ts";
import { appOn, BUCKET, everythingIn, NS, objectsOf, type AppHooks, type BedOptions } from "./identity-bed.ts";
import { startKubeServer, type InProcessCluster } from "./kube-server/index.ts";
import { runBin, type BinOptions, type BinRun } from "./run-bin.ts";
import { runHere } from "./run-here.ts";
import type { TestApp } from "./test-app.ts";
import type { GoogleSeed } from "./test-google.ts";

/** The project, the cluster and the pool that the bed is in unless told. */
export const PROJECT = "acme-prod";
export const POOL = `${PROJECT}.svc.id.goog`;
/** What `init workload-identity` calls the account of AntflyCluster c1. */
export const EMAIL = `antfly-${NS}-c1@${PROJECT}.iam.gserviceaccount.com`;
/** ServiceAccount c1, as a member of policies. */
export const MEMBER = `serviceAccount:${POOL}[${NS}/c1]`;
export const WORKLOAD_USER = "roles/iam.workloadIdentityUser";
export const OBJECT_USER = "roles/storage.objectUser";

/** A GKE cluster whose tokens a Google Cloud of its own verifies, with AntflyCluster c1 and its AntflyBackup nightly. */
export interface WorkloadBed {
  readonly kube: InProcessCluster;
  readonly google: InProcessGoogle;
  /** All that the tool could change, as one value that can be compared. */
  everything(): Promise<object>;
  /** Runs the built bin against both. */
  run(args: readonly string[], options?: BinOptions): Promise<BinRun>;
  /** The same in this process. */
  runHere(args: readonly string[], options?: BinOptions): Promise<BinRun>;
  /** An App over both, whose clients can be looked at and interrupted. */
  app(hooks?: AppHooks): TestApp;
  stop(): Promise<void>;
}

export interface WorkloadBedOptions extends Pick<BedOptions, "spec" | "metadata" | "backup" | "objects"> {
  readonly generation?: StandInGeneration;
  readonly google?: GoogleSeed;
}

export async function workloadBed(options: WorkloadBedOptions = {}): Promise<WorkloadBed> {
  const { generation = 3, google: seed = {} } = options;
  const kube = await startKubeServer({
    controllers: false,
    issuer: GKE_ISSUER,
    objects: crdsOf(generation).map(admitsGoogle),
  });
  const google = await startGoogleServer({ clusters: [{}], buckets: [{ name: BUCKET }], ...seed });
  await kube.admin.must("POST", "/api/v1/namespaces", {
    body: { apiVersion: "v1", kind: "Namespace", metadata: { name: NS } },
  });
  const backup = { location: `gs://${BUCKET}/search` };
  for (const object of objectsOf(generation, { backup, ...options })) await create(kube.admin, object);
  const within = (more: BinOptions): BinOptions => ({
    kubeconfig: kube.kubeconfig({ namespace: NS }),
    ...more,
    env: { ...google.env, ANTFLY_CREDS_CLOUD: "", ...more.env },
  });
  return {
    kube,
    google,
    everything: () => everything(kube, google),
    run: (args, more = {}) => runBin(args, within(more)),
    runHere: (args, more = {}) => runHere(args, within(more)),
    app: (hooks = {}) => appOn(kube, google.env, hooks),
    stop: async () => {
      await Promise.all([kube.stop(), google.stop()]);
    },
  };
}

/** Operators that were seen so far take no `gs://` in an AntflyBackup; the database does, and a later operator may. */
function admitsGoogle(crd: AnyObject): AnyObject {
  return JSON.parse(JSON.stringify(crd).replaceAll("^(s3://|file://).+", "^(s3://|gs://|file://).+"));
}

async function everything(kube: InProcessCluster, { state }: InProcessGoogle): Promise<object> {
  return {
    clusters: [...state.clusters.values()].map(({ name, workloadPool, nodePools }) => ({
      name,
      workloadPool,
      nodePools: structuredClone(nodePools),
    })),
    googleAccounts: [...state.accounts.values()].map(({ email, policy }) => [email, policy.bindings]),
    buckets: [...state.buckets.values()].map(({ name, policy, objects }) => [
      name,
      policy.bindings,
      [...objects].flatMap(([key, generations]) => (generations.some(({ live }) => live) ? [key] : [])),
    ]),
    inCluster: await everythingIn(kube),
  };
}
