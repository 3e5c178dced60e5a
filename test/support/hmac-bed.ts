import { connectAws } from "../../src/adapters/aws.ts";
import { initSecret, type InitSecretOptions } from "../../src/commands/init-secret.ts";
import { UserError, type ExitCode } from "../../src/domain/errors.ts";
import type { Aws } from "../../src/ports.ts";
import { startAwsServer, type InProcessCloud } from "./aws-server/index.ts";
import { expectNoCanary } from "./canaries.ts";
import type { AnyObject } from "./follow.ts";
import type { AppHooks, BedOptions } from "./identity-bed.ts";
import { BUCKET, NS } from "./identity-bed.ts";
import type { TestApp } from "./test-app.ts";
import type { GoogleSeed } from "./test-google.ts";
import { OBJECT_USER, workloadBed, type WorkloadBed } from "./workload-bed.ts";

export const ACCOUNT = "backups@acme-prod.iam.gserviceaccount.com";
export const MEMBER = `serviceAccount:${ACCOUNT}`;

export interface Ended {
  readonly code: ExitCode;
  readonly app: TestApp;
  readonly error: UserError | undefined;
}

/** An AntflyCluster of generation 2 with a backup to Google by the protocol of S3, which knows the HMAC keys that are made. */
export interface HmacBed extends WorkloadBed {
  /** `init secret --create-hmac ACCOUNT` through the App. */
  init(options?: Partial<InitSecretOptions>, hooks?: AppHooks): Promise<Ended>;
  secret(name?: string): Promise<AnyObject | undefined>;
}

export async function hmacBed(
  seed: GoogleSeed = {},
  objects: readonly AnyObject[] = [],
  more: Pick<BedOptions, "spec" | "metadata"> = {},
): Promise<HmacBed> {
  const google = { accounts: [{ id: "backups" }], buckets: [{ name: BUCKET }], ...seed };
  const backup = { location: `s3://${BUCKET}/search` };
  const bed = await workloadBed({ generation: 2, google, backup, objects, ...more });
  const s3 = await startAwsServer({ buckets: [{ name: BUCKET }] }, { store: "gcs" });
  return {
    ...bed,
    init: (options = {}, hooks = {}) => run(bed, s3, options, hooks),
    secret: async (name = "c1-backup-credentials") => {
      const { status, body } = await bed.kube.admin.get(`/api/v1/namespaces/${NS}/secrets/${name}`);
      return status === 404 ? undefined : body;
    },
    stop: async () => {
      await Promise.all([bed.stop(), s3.stop()]);
    },
  };
}

async function run(
  bed: WorkloadBed,
  s3: InProcessCloud,
  options: Partial<InitSecretOptions>,
  hooks: AppHooks,
): Promise<Ended> {
  const app = bed.app(hooks);
  const redirected: TestApp = {
    ...app,
    aws: async (selection) => {
      await teachKeys(bed, s3);
      const { redactor, signal } = app;
      return atOurs(await connectAws(selection, { env: s3.env, redactor, signal }), s3.s3);
    },
  };
  const usual = { createHmac: ACCOUNT, wait: "0s", timeout: "5s", yes: true };
  const ended = await initSecret("c1", { ...usual, ...options }, redirected).then(
    (code): Ended => ({ code, app, error: undefined }),
    (error: unknown): Ended => {
      if (!(error instanceof UserError)) throw error;
      app.terminal.err(`${error.message}\n${error.hint ?? ""}`);
      return { code: error.exit, app, error };
    },
  );
  expectNoCanary(app.printed.out, "stdout");
  expectNoCanary(app.printed.err, "stderr");
  return ended;
}

/** The store takes the keys that Google has made, with the rights that the account has on the bucket. */
async function teachKeys({ google }: WorkloadBed, s3: InProcessCloud): Promise<void> {
  const bindings = google.state.buckets.get(BUCKET)?.policy.bindings ?? [];
  const mayWrite = bindings.some(({ role, members }) => role === OBJECT_USER && members.includes(MEMBER));
  const all = { Version: "2012-10-17", Statement: [{ Effect: "Allow", Action: "s3:*", Resource: "*" }] };
  const active = [...google.state.hmacKeys.values()].filter(({ state }) => state === "ACTIVE");
  const keys = active.map(({ id, secret }) => ({ id, secret }));
  await s3.seed({ users: [{ name: "backups", keys, inline: mayWrite ? { all } : {} }] });
}

/** Cloud Storage is on loopback. */
function atOurs(aws: Aws, endpoint: string): Aws {
  return {
    ...aws,
    objectStore: (options) => aws.objectStore({ ...options, endpoint }),
  };
}
