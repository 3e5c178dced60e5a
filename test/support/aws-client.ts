import { connectAws } from "../../src/adapters/aws.ts";
import { Redactor } from "../../src/domain/redact.ts";
import { Sensitive } from "../../src/domain/sensitive.ts";
import type { Aws, AwsCredentials, AwsError, ObjectStore, ObjectStoreOptions } from "../../src/ports.ts";
import { expectNoCanary } from "./canaries.ts";
import type { AnyObject } from "./follow.ts";
import type { AwsKey, TestCloud } from "./test-cloud.ts";
import type { TestCluster } from "./test-cluster.ts";

const TIMEOUT_MS = 10_000;

export interface ToolOptions {
  /** Laid over the cloud's own; `undefined` takes a variable away. */
  readonly env?: Readonly<Record<string, string | undefined>>;
  readonly profile?: string;
  readonly region?: string;
  readonly timeoutMs?: number;
  readonly signal?: AbortSignal;
}

/** The tool's own AWS port, connected to a cloud of the tests. */
export function toolOn(cloud: Pick<TestCloud, "env">, options: ToolOptions = {}): Promise<Aws> {
  const { env = {}, timeoutMs = TIMEOUT_MS, signal = new AbortController().signal, profile, region } = options;
  return connectAws(
    { timeoutMs, ...(profile === undefined ? {} : { profile }), ...(region === undefined ? {} : { region }) },
    {
      env: { AWS_CONFIG_FILE: "/dev/null", AWS_SHARED_CREDENTIALS_FILE: "/dev/null", ...cloud.env, ...env },
      redactor: new Redactor(),
      signal,
    },
  );
}

export function credentialsOf({ id, secret }: AwsKey): AwsCredentials {
  return { accessKeyId: new Sensitive(id), secretAccessKey: new Sensitive(secret), sessionToken: undefined };
}

/** A bucket of the cloud's own stores. */
export function storeOn(
  aws: Aws,
  bucket: string,
  credentials: AwsCredentials,
  options: Partial<ObjectStoreOptions> = {},
): ObjectStore {
  const usual = { provider: "aws", endpoint: undefined, region: "us-east-1", timeoutMs: TIMEOUT_MS } as const;
  return aws.objectStore({ ...usual, bucket, credentials, ...options });
}

/** A token of a ServiceAccount, as the server under test gives it out. */
export async function tokenOf(
  { admin }: TestCluster,
  namespace: string,
  name: string,
  audience = "sts.amazonaws.com",
): Promise<Sensitive> {
  const { status } = await admin.must("POST", `/api/v1/namespaces/${namespace}/serviceaccounts/${name}/token`, {
    body: {
      apiVersion: "authentication.k8s.io/v1",
      kind: "TokenRequest",
      spec: { audiences: [audience], expirationSeconds: 600 },
    },
  });
  return new Sensitive(status.token as string);
}

/** How a call failed; fails itself when it did not, or when a secret value stands in the message. */
export async function failureOf(call: Promise<unknown>): Promise<AnyObject> {
  const error = await call.then(
    (value) => {
      throw new Error(`it should have failed, and gave ${JSON.stringify(value)}`);
    },
    (reason: AwsError) => reason,
  );
  expectNoCanary(error.message, "the message of an error");
  const { failure, action, code, status, message } = error;
  return { failure, action, code, status, message };
}
