import { connectGoogle } from "../../src/adapters/google.ts";
import { doctor, type DoctorOptions } from "../../src/commands/doctor.ts";
import { UserError } from "../../src/domain/errors.ts";
import type { App } from "../../src/ports.ts";
import { expectNoCanary } from "./canaries.ts";
import { fixtureObjects } from "./fixture-objects.ts";
import type { AnyObject } from "./follow.ts";
import { GKE_ISSUER, startGoogleServer, type InProcessGoogle } from "./google-server/index.ts";
import { startKubeServer, type InProcessCluster } from "./kube-server/index.ts";
import type { ProofRun } from "./proof-bed.ts";
import { expectValid } from "./schemas.ts";
import { testApp } from "./test-app.ts";
import type { GoogleSeed } from "./test-google.ts";

export const BUCKET = "acme-backups";
export const ACCOUNT = "antfly@acme-prod.iam.gserviceaccount.com";
const PRINCIPAL =
  "principal://iam.googleapis.com/projects/NUMBER/locations/global/workloadIdentityPools/PROJECT.svc.id.goog/subject/ns/production/sa/antfly";
const CONFIG = JSON.stringify({
  connections: {
    gcs: {
      kind: "external_io",
      external_io: { protocol: "gcs", buckets: [BUCKET], gcs_credentials: { source: "default" } },
    },
  },
});

/** An AntflyCluster with a backup to `gs://acme-backups/search`, as Google service account antfly or with rights of its own. */
export function googleObjects({ direct = false }: { readonly direct?: boolean } = {}): AnyObject[] {
  const annotations = direct ? {} : { "iam.gke.io/gcp-service-account": ACCOUNT };
  return [
    { kind: "AntflyCluster", metadata: { name: "search" }, spec: { serviceAccountName: "antfly", config: CONFIG } },
    {
      kind: "AntflyBackup",
      metadata: { name: "nightly" },
      spec: {
        clusterRef: { name: "search" },
        schedule: "0 2 * * *",
        destination: { location: `gs://${BUCKET}/search`, connection: "gcs" },
      },
    },
    { kind: "ServiceAccount", metadata: { name: "antfly", annotations } },
  ];
}

/** The project that `googleObjects` works in. */
export function googleProofSeed({
  direct = false,
  bucket = {},
}: { readonly direct?: boolean; readonly bucket?: object } = {}): GoogleSeed {
  const workload = "serviceAccount:acme-prod.svc.id.goog[production/antfly]";
  const members = [direct ? PRINCIPAL : `serviceAccount:${ACCOUNT}`];
  return {
    clusters: [{ name: "prod" }],
    accounts: [{ id: "antfly", bindings: [{ role: "roles/iam.workloadIdentityUser", members: [workload] }] }],
    buckets: [{ name: BUCKET, bindings: [{ role: "roles/storage.objectUser", members }], ...bucket }],
  };
}

/** A GKE cluster with an AntflyCluster, and a Google Cloud beside it. */
export interface GoogleProofBed {
  readonly cluster: InProcessCluster;
  readonly google: InProcessGoogle;
  /** `doctor -o json` through the App; nothing that it prints may hold a secret of the tests. */
  run(options?: Partial<DoctorOptions>, app?: Partial<App>): Promise<ProofRun>;
  /** Called when the operation is asked for, before it is answered; once. */
  when(operation: string, then: () => void): void;
  /** Keys of all objects of the bucket, with the generations that are kept of old ones. */
  keys(): string[];
  stop(): Promise<void>;
}

export async function startGoogleProofBed(objects: readonly AnyObject[], seed: GoogleSeed): Promise<GoogleProofBed> {
  const cluster = await startKubeServer({
    controllers: false,
    issuer: GKE_ISSUER,
    objects: fixtureObjects({ name: "bed", objects }),
  });
  const google = await startGoogleServer(seed);
  return {
    cluster,
    google,
    run: async (given = {}, overrides = {}) => {
      const app = testApp(
        cluster.kubeconfig({ namespace: "production" }),
        { random: (bytes) => crypto.getRandomValues(new Uint8Array(bytes)), ...overrides },
        google.env,
      );
      const own: App = {
        ...app,
        google: (selection) =>
          connectGoogle(selection, { env: google.env, redactor: app.redactor, signal: app.signal }),
      };
      const usual = { only: [], skip: [], allowUnknown: [], output: ["json"], timeout: "5s" };
      const code = await doctor(undefined, { ...usual, ...given }, own).catch((error: unknown) => {
        if (!(error instanceof UserError)) throw error;
        app.terminal.err(`${error.message}\n${error.hint ?? ""}`);
        return error.exit;
      });
      const { out, err } = app.printed;
      expectNoCanary(out, "stdout");
      expectNoCanary(err, "stderr");
      const report = out.startsWith("{") ? JSON.parse(out) : undefined;
      if (report !== undefined) expectValid(report, report.schema);
      return { code, report, out, err };
    },
    when: (operation, then) => {
      const { calls } = google;
      calls.push = (...made) => {
        const length = Array.prototype.push.apply(calls, made);
        if (made.some((call) => call.operation === operation)) {
          Reflect.deleteProperty(calls, "push");
          then();
        }
        return length;
      };
    },
    keys: () =>
      [...(google.state.buckets.get(BUCKET)?.objects ?? [])].flatMap(([key, generations]) =>
        generations.map(({ live }) => (live ? key : `old ${key}`)),
      ),
    stop: async () => {
      await Promise.all([cluster.stop(), google.stop()]);
    },
  };
}
