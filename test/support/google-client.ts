import { connectGoogle } from "../../src/adapters/google.ts";
import { Redactor } from "../../src/domain/redact.ts";
import type { Google, GoogleError } from "../../src/ports.ts";
import { expectNoCanary } from "./canaries.ts";
import type { TestGoogle } from "./test-google.ts";

const TIMEOUT_MS = 10_000;

export interface GoogleToolOptions {
  /** Laid over the cloud's own; `undefined` takes a variable away. */
  readonly env?: Readonly<Record<string, string | undefined>>;
  readonly timeoutMs?: number;
  readonly signal?: AbortSignal;
  readonly redactor?: Redactor;
}

/** The tool's own Google port, connected to a cloud of the tests. */
export function googleOn(cloud: Pick<TestGoogle, "env">, options: GoogleToolOptions = {}): Promise<Google> {
  const { env = {}, timeoutMs = TIMEOUT_MS } = options;
  const { signal = new AbortController().signal, redactor = new Redactor() } = options;
  return connectGoogle({ timeoutMs }, { env: { HOME: "/nonexistent", ...cloud.env, ...env }, redactor, signal });
}

/** How a call failed, as plain data; no secret may be in it. */
export async function googleFailure(call: Promise<unknown>): Promise<Record<string, unknown>> {
  const { name, failure, action, code, status, message, network } = await call.then(
    (value) => {
      throw new Error(`it succeeded: ${JSON.stringify(value)}`);
    },
    (error: unknown) => error as GoogleError,
  );
  expectNoCanary(`${code} ${message}`, "an error");
  if (name !== "GoogleError") throw new Error(`${name}: ${message}`);
  return { failure, action, code, status, message, network };
}
