import { antflyCluster, allReady, eventually, forGeneration, INTERNAL_KEY, secret } from "../antfly.ts";
import type { AnyObject } from "../follow.ts";
import type { InProcessGoogle } from "../google-server/index.ts";
import type { Account, Bucket, Cluster } from "../google-server/state.ts";
import type { BinRun } from "../run-bin.ts";
import { freshNamespace, type TestCluster } from "../test-cluster.ts";
import type { BindingSeed } from "../test-google.ts";
import { BUCKET, CLUSTER, PREFIX, World } from "./world.ts";

/** What `init workload-identity` calls the ServiceAccount. */
export const ACCOUNT = CLUSTER;
export const ANNOTATION = "iam.gke.io/gcp-service-account";
export const PROJECT = "acme-prod";
export const POOL = `${PROJECT}.svc.id.goog`;
export const NODE_POOL = "default-pool";
export const WORKLOAD_USER = "roles/iam.workloadIdentityUser";
export const OBJECT_USER = "roles/storage.objectUser";
/** As gcloud calls the cluster in a kubeconfig. */
const ENTRY = `gke_${PROJECT}_europe-west1_prod`;
/** Of metadata and of data nodes together. */
const PODS = 2;

export interface GoogleMendingBed {
  readonly cluster: TestCluster;
  readonly google: InProcessGoogle;
  /** Folders with kubectl and gcloud. */
  readonly tools: readonly string[];
}

/** A database of generation 3 that `init workload-identity` has taken from nothing to a proven identity. */
export class GoogleWorld extends World {
  readonly google: InProcessGoogle;
  /** Of the Google service account. */
  readonly email: string;
  /** Name of the bucket. */
  readonly bucket = BUCKET;

  private constructor({ cluster, google, tools }: GoogleMendingBed, namespace: string, email: string) {
    super({ cluster, namespace, tools, env: google.env, clusterEntry: ENTRY });
    this.google = google;
    this.email = email;
  }

  /** Google Cloud knows of nothing but the cluster and the bucket then; `before` is called right before the tool. */
  static async start(
    bed: GoogleMendingBed,
    before: (google: InProcessGoogle) => void = () => {},
  ): Promise<{ world: GoogleWorld; made: BinRun }> {
    const { cluster, google } = bed;
    google.reset({ clusters: [{ nodePools: { [NODE_POOL]: "GKE_METADATA" } }], buckets: [{ name: BUCKET }] });
    const namespace = await freshNamespace(cluster, "gke");
    const email = `backups@${PROJECT}.iam.gserviceaccount.com`;
    const world = new GoogleWorld(bed, namespace, email);
    await world.create(secret(namespace, INTERNAL_KEY, { secret: "x".repeat(32) }));
    await world.create(forGeneration(3, antflyCluster(namespace, CLUSTER, [], 1)));
    await eventually("two ready pods", async () => allReady(await world.pods(), PODS));
    before(google);
    const made = await world.sets("--google-account", "backups", "--bucket", `gs://${BUCKET}/${PREFIX}`);
    return { world, made };
  }

  /** `init workload-identity`, without a question. */
  sets(...args: readonly string[]): Promise<BinRun> {
    return this.tool(["init", "workload-identity", CLUSTER, "--yes", "-o", "json", ...args]);
  }

  /** The ServiceAccount as a member of policies. */
  get member(): string {
    return `serviceAccount:${POOL}[${this.namespace}/${ACCOUNT}]`;
  }

  get principal(): string {
    const { number } = this.google;
    return `principal://iam.googleapis.com/projects/${number}/locations/global/workloadIdentityPools/${POOL}/subject/ns/${this.namespace}/sa/${ACCOUNT}`;
  }

  get account(): Account {
    return found(this.google.state.accounts.get(this.email));
  }

  get inBucket(): Bucket {
    return found(this.google.state.buckets.get(BUCKET));
  }

  get gke(): Cluster {
    return found([...this.google.state.clusters.values()][0]);
  }

  /** Who may act as the account, in place of all that it says. */
  mayActAsAccount(...bindings: readonly BindingSeed[]): void {
    this.account.policy.replace({ version: 3, bindings });
  }

  /** Who may do what in the bucket, likewise. */
  mayUseBucket(...bindings: readonly BindingSeed[]): void {
    this.inBucket.policy.replace({ version: 3, bindings });
  }

  /** Annotations of the ServiceAccount; null takes one away. */
  async annotate(annotations: Readonly<Record<string, string | null>>): Promise<AnyObject> {
    return this.merge(this.path("serviceaccounts", ACCOUNT), { metadata: { annotations } });
  }
}

function found<T>(thing: T | undefined): T {
  if (thing === undefined) throw new Error("it is gone");
  return thing;
}
