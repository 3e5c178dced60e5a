import type { World } from "../collect/collector.ts";
import { UserError } from "../domain/errors.ts";
import { printable } from "../domain/text.ts";
import type { App, Aws, AwsSelection, Kube } from "../ports.ts";
import { parseDuration } from "../domain/duration.ts";

/** Options of every command that asks AWS, as commander gives them. */
export interface CloudOptions {
  /** False with `--no-cloud`. */
  readonly cloud?: boolean;
  readonly profile?: string;
  readonly region?: string;
  /** `BUCKET[/PREFIX]`. */
  readonly bucket?: string;
  /** Where the object store is reached from here. */
  readonly endpoint?: string;
  readonly eksCluster?: string;
  readonly timeout: string;
}

/** The clouds of one run. The client is made when it is first needed; `calls` is undefined while none was. */
export interface CloudRun {
  readonly world: World["cloud"];
  calls(): { readonly aws?: number };
  close(): Promise<void>;
}

/** @throws UserError for a bucket that none can be called, and an endpoint that is no URL */
export function cloudRun(options: CloudOptions, kube: Kube, app: App): CloudRun {
  const bucket = options.bucket === undefined ? undefined : parseBucket(options.bucket);
  const endpoint = options.endpoint === undefined ? undefined : parseEndpoint(options.endpoint);
  if (options.cloud === false) return off("--no-cloud was given");
  if (app.configuration.noCloud) return off("ANTFLY_CREDS_CLOUD=off is set");
  let client: Promise<Aws> | undefined;
  let made: Aws | undefined;
  const aws = (): Promise<Aws> => {
    client ??= app.aws(awsSelection(options)).then((ready) => {
      made = ready;
      for (const note of ready.notes) app.terminal.err(`note: ${note}\n`);
      return ready;
    });
    return client;
  };
  return {
    world: {
      kube,
      aws,
      bucket,
      endpoint,
      timeoutMs: awsSelection(options).timeoutMs,
      eksCluster: options.eksCluster,
      runId: Buffer.from(app.random(8)).toString("hex"),
      now: () => app.now(),
      sleep: (milliseconds) => app.sleep(milliseconds),
      signal: app.signal,
    },
    calls: () => (made === undefined ? {} : { aws: made.calls() }),
    close: async () => {
      if (client !== undefined) (await client.catch(() => undefined))?.close();
    },
  };
}

function off(reason: string): CloudRun {
  return { world: { off: reason }, calls: () => ({}), close: async () => {} };
}

export function awsSelection({ profile, region, timeout }: CloudOptions): AwsSelection {
  return {
    timeoutMs: parseDuration(timeout, "--timeout", { positive: true }),
    ...(profile === undefined ? {} : { profile }),
    ...(region === undefined ? {} : { region }),
  };
}

function parseEndpoint(text: string): string {
  let url: URL | undefined;
  try {
    url = new URL(text);
  } catch {
    url = undefined;
  }
  // A user name or a password has no place on a command line, and none in a store's address.
  if (url !== undefined && /^https?:$/.test(url.protocol) && url.username === "" && url.password === "")
    return url.origin;
  throw new UserError("bad-endpoint", "--endpoint takes the URL of a host", {
    hint: "as in --endpoint http://localhost:9000, with kubectl port-forward service/minio 9000 running beside it",
  });
}

/** `BUCKET`, `BUCKET/PREFIX` or either after `s3://`. */
export function parseBucket(text: string): { bucket: string; prefix: string } {
  const [bucket = "", ...rest] = text.replace(/^s3:\/\//, "").split("/");
  if (!/^[a-z0-9][a-z0-9.-]{1,61}[a-z0-9]$/.test(bucket)) {
    throw new UserError("bad-bucket", `"${printable(text)}" names no bucket`, {
      hint: "--bucket takes BUCKET or BUCKET/PREFIX, as in --bucket acme-backups/search",
    });
  }
  return { bucket, prefix: rest.join("/").replace(/^\/+|\/+$/g, "") };
}
