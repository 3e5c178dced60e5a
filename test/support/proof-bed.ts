import { connectAws } from "../../src/adapters/aws.ts";
import { doctor, type DoctorOptions } from "../../src/commands/doctor.ts";
import { UserError, type ExitCode } from "../../src/domain/errors.ts";
import type { App } from "../../src/ports.ts";
import { EKS_ISSUER, startAwsServer, type AwsServerOptions, type InProcessCloud } from "./aws-server/index.ts";
import { expectNoCanary } from "./canaries.ts";
import { fixtureObjects } from "./fixture-objects.ts";
import type { AnyObject } from "./follow.ts";
import { startKubeServer, type InProcessCluster } from "./kube-server/index.ts";
import { expectValid } from "./schemas.ts";
import { testApp } from "./test-app.ts";
import type { AwsSeed } from "./test-cloud.ts";

/** What a run of `doctor` came to. */
export interface ProofRun {
  readonly code: ExitCode;
  // oxlint-disable-next-line typescript/no-explicit-any -- the report, which is held to its schema
  readonly report: any;
  readonly out: string;
  readonly err: string;
}

/** An API server with an AntflyCluster and an AWS beside it. */
export interface ProofBed {
  readonly cluster: InProcessCluster;
  readonly cloud: InProcessCloud;
  /** `doctor -o json` through the App; nothing that it prints may hold a secret of the tests. */
  run(options?: Partial<DoctorOptions>, app?: Partial<App>, env?: Readonly<Record<string, string>>): Promise<ProofRun>;
  /** Called when the operation is asked for, before it is answered; once. */
  when(operation: string, then: () => void): void;
  /** Keys of all objects of a bucket, with what is kept of old versions and marks of removal. */
  keysIn(bucket: string): string[];
  stop(): Promise<void>;
}

export async function startProofBed(
  objects: readonly AnyObject[],
  seed: AwsSeed,
  options: AwsServerOptions = {},
): Promise<ProofBed> {
  const cluster = await startKubeServer({
    controllers: false,
    issuer: EKS_ISSUER,
    objects: fixtureObjects({ name: "bed", objects }),
  });
  const cloud = await startAwsServer(seed, options);
  return {
    cluster,
    cloud,
    run: async (given = {}, overrides = {}, env = {}) => {
      const app = appOf(cluster, { ...cloud.env, ...env }, overrides);
      const usual = { only: [], skip: [], allowUnknown: [], output: ["json"], timeout: "5s" };
      const code = await doctor(undefined, { ...usual, ...given }, app).catch((error: unknown) => {
        if (!(error instanceof UserError)) throw error;
        app.terminal.err(`${error.message}\n${error.hint ?? ""}`);
        return error.exit;
      });
      const { out, err } = app.printed;
      for (const [text, where] of [
        [out, "stdout"],
        [err, "stderr"],
      ] as const)
        expectNoCanary(text, where);
      const report = out.startsWith("{") ? JSON.parse(out) : undefined;
      if (report !== undefined) expectValid(report, report.schema);
      return { code, report, out, err };
    },
    when: (operation, then) => {
      const { calls } = cloud;
      calls.push = (...made) => {
        const length = Array.prototype.push.apply(calls, made);
        if (made.some((call) => call.operation === operation)) {
          Reflect.deleteProperty(calls, "push");
          then();
        }
        return length;
      };
    },
    keysIn: (bucket) =>
      [...(cloud.state.buckets.get(bucket)?.objects ?? [])].flatMap(([key, versions]) =>
        versions.map(({ deleted }) => (deleted ? `removed ${key}` : key)),
      ),
    stop: async () => {
      await cluster.stop();
      await cloud.stop();
    },
  };
}

function appOf(
  cluster: InProcessCluster,
  env: Readonly<Record<string, string>>,
  overrides: Partial<App>,
): ReturnType<typeof testApp> {
  const app = testApp(cluster.kubeconfig({ namespace: "production" }), {
    configuration: { named: undefined, userFile: undefined, noCloud: false },
    random: (bytes) => crypto.getRandomValues(new Uint8Array(bytes)),
    ...overrides,
  });
  return {
    ...app,
    aws: (selection) => connectAws(selection, { env, redactor: app.redactor, signal: app.signal }),
  };
}
