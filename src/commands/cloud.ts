import type { NamedBucket, World } from "../collect/collector.ts";
import type { Residue } from "../domain/aws-facts.ts";
import { interrupted, UserError } from "../domain/errors.ts";
import { gkeNameIn } from "../domain/gcp/gke-name.ts";
import type { GkeName } from "../domain/google-facts.ts";
import { printable } from "../domain/text.ts";
import type { App, Aws, AwsSelection, Google, Kube } from "../ports.ts";
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
  readonly gkeCluster?: string;
  readonly prove?: boolean;
  readonly timeout: string;
}

/** The clouds of one run. A client is made when it is first needed, one a region; `calls` is undefined while none was. */
export interface CloudRun {
  readonly world: World["cloud"];
  calls(): { readonly aws?: number; readonly google?: number };
  /** Waits until what must not be cut short is done. */
  settled(): Promise<void>;
  /** What was left behind so far. */
  residue(): readonly Residue[];
  /** After `settled`. */
  close(): Promise<void>;
}

/** @throws UserError for a bucket that none can be called, an endpoint that is no URL, and what names no GKE cluster */
export function cloudRun(options: CloudOptions, kube: Kube, app: App): CloudRun {
  const bucket = options.bucket === undefined ? undefined : parseBucket(options.bucket);
  const endpoint = options.endpoint === undefined ? undefined : parseEndpoint(options.endpoint);
  const gkeCluster = options.gkeCluster === undefined ? undefined : parseGkeCluster(options.gkeCluster);
  if (options.cloud === false) return off("--no-cloud was given");
  if (app.configuration.noCloud) return off("ANTFLY_CREDS_CLOUD=off is set");
  const clients = new Map<string, Promise<Aws>>();
  const made: Aws[] = [];
  const connect = async (wanted: string): Promise<Aws> => {
    const client = await app.aws({ ...awsSelection(options), ...(wanted === "" ? {} : { region: wanted }) });
    if (made.length === 0) for (const note of client.notes) app.terminal.err(`note: ${note}\n`);
    made.push(client);
    return client;
  };
  const aws = (region?: string): Promise<Aws> => {
    const wanted = options.region ?? region ?? "";
    const client = clients.get(wanted) ?? connect(wanted);
    clients.set(wanted, client);
    return client;
  };
  let google: Promise<Google> | undefined;
  let madeGoogle: Google | undefined;
  const connectGoogle = async (): Promise<Google> => {
    const client = await app.google({ timeoutMs: awsSelection(options).timeoutMs });
    for (const note of client.notes) app.terminal.err(`note: ${note}\n`);
    madeGoogle = client;
    return client;
  };
  const shielded: Promise<void>[] = [];
  const left: Residue[] = [];
  const settled = async (): Promise<void> => void (await Promise.allSettled(shielded));
  return {
    world: {
      kube,
      aws,
      google: () => (google ??= connectGoogle()),
      prove: options.prove === true,
      flags: awsFlags(options),
      bucket,
      endpoint,
      timeoutMs: awsSelection(options).timeoutMs,
      eksCluster: options.eksCluster,
      gkeCluster,
      runId: Buffer.from(app.random(8)).toString("hex"),
      now: () => app.now(),
      sleep: (milliseconds) => app.sleep(milliseconds),
      signal: app.signal,
      shielded: async (work) => {
        const working = work();
        shielded.push(working.then(({ residue }) => void left.push(...residue)));
        return working;
      },
    },
    settled,
    residue: () => left,
    calls: () => ({
      ...(made.length === 0 ? {} : { aws: made.reduce((sum, client) => sum + client.calls(), 0) }),
      ...(madeGoogle === undefined ? {} : { google: madeGoogle.calls() }),
    }),
    close: async () => {
      await settled();
      await Promise.allSettled([...clients.values(), google]);
      for (const client of made) client.close();
      madeGoogle?.close();
    },
  };
}

/**
 * The work, and the end of what it has written to a cloud. An interruption does not cut that short.
 * @throws UserError 130 when the user interrupted: what is left behind is named with the commands that remove it
 */
export async function cleanlyEnded<T>(
  app: App,
  cloud: CloudRun,
  work: () => Promise<T>,
  message = "interrupted",
): Promise<T> {
  try {
    const done = await work();
    if (!app.signal.aborted) return done;
  } catch (error) {
    if (!app.signal.aborted) throw error;
  }
  await cloud.settled();
  const left = cloud.residue().map(({ what, command }) => `left behind: ${printable(what)}\n  ${command}`);
  throw left.length === 0 ? interrupted(message) : interrupted(message, left.join("\n"));
}

function off(reason: string): CloudRun {
  return {
    world: { off: reason },
    calls: () => ({}),
    settled: async () => {},
    residue: () => [],
    close: async () => {},
  };
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

function awsFlags({ profile, region }: CloudOptions): string[] {
  return [
    ...(profile === undefined ? [] : ["--profile", profile]),
    ...(region === undefined ? [] : ["--region", region]),
  ];
}

/** `BUCKET`, `BUCKET/PREFIX`, either after `s3://`, or after `gs://` where it is to be reached by Google's own API. */
export function parseBucket(text: string): NamedBucket {
  const scheme = /^gc?s:\/\//.test(text) ? "gs" : "s3";
  const [bucket = "", ...rest] = text.replace(/^(s3|gc?s):\/\//, "").split("/");
  const form = scheme === "gs" ? /^[a-z0-9][a-z0-9._-]{1,220}[a-z0-9]$/ : /^[a-z0-9][a-z0-9.-]{1,61}[a-z0-9]$/;
  if (!form.test(bucket)) {
    throw new UserError("bad-bucket", `"${printable(text)}" names no bucket`, {
      hint: "--bucket takes BUCKET or BUCKET/PREFIX, as in --bucket acme-backups/search",
    });
  }
  return { scheme, bucket, prefix: rest.join("/").replace(/^\/+|\/+$/g, "") };
}

/**
 * `projects/P/locations/L/clusters/C`, the same as its resource link, `P/L/C`, or the context that gcloud writes (`gke_P_L_C`).
 * @throws UserError for what is none of them
 */
export function parseGkeCluster(text: string): GkeName {
  const found = gkeNameIn(text);
  if (found !== undefined) return found;
  throw new UserError("bad-gke-cluster", `"${printable(text)}" names no GKE cluster`, {
    hint: "--gke-cluster takes PROJECT/LOCATION/NAME, as in --gke-cluster acme-prod/europe-west1/prod",
  });
}
