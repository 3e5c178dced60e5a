import { UserError } from "../domain/errors.ts";
import type { Redactor } from "../domain/redact.ts";
import type { Sensitive } from "../domain/sensitive.ts";
import { GoogleError, type GoogleSelection } from "../ports.ts";
import { ownIdentity, type GoogleIdentity } from "./google-auth.ts";
import { GoogleTransport, type Call, type GoogleSurroundings } from "./google-transport.ts";

/** APIs, by the names that gcloud calls them. */
export type Api = "CONTAINER" | "IAM" | "IAMCREDENTIALS" | "CLOUDRESOURCEMANAGER" | "STS" | "STORAGE" | "SERVICEUSAGE";

const HOSTS: Readonly<Record<Api, string>> = {
  CONTAINER: "https://container.googleapis.com",
  IAM: "https://iam.googleapis.com",
  IAMCREDENTIALS: "https://iamcredentials.googleapis.com",
  CLOUDRESOURCEMANAGER: "https://cloudresourcemanager.googleapis.com",
  STS: "https://sts.googleapis.com",
  STORAGE: "https://storage.googleapis.com",
  SERVICEUSAGE: "https://serviceusage.googleapis.com",
};

/** A call, without what is the same for all. */
export interface Request extends Omit<Call, "url" | "headers" | "mode"> {
  readonly api: Api;
  /** From the host's root; its parts are escaped with `path`. */
  readonly path: string;
  readonly query?: readonly (readonly [string, string | undefined])[];
  /** `own` unless told; nobody: without a token. */
  readonly as?: Sensitive | "nobody";
}

/** What the calls of every API are sent with. */
export interface GoogleConnection {
  readonly transport: GoogleTransport;
  readonly identity: GoogleIdentity;
  readonly redactor: Redactor;
  readonly signal: AbortSignal;
  /** JSON of the answer. `read` and `write` differ in what may be repeated. */
  readonly read: (request: Request) => Promise<Json>;
  readonly write: (request: Request) => Promise<Json>;
  /** The answer as it is. */
  readonly bytes: (request: Request) => Promise<Buffer>;
}

/** An object of an answer, of which nothing is known yet. */
export type Json = Readonly<Record<string, unknown>>;

/** Asks nothing yet. */
export function googleConnection(selection: GoogleSelection, surroundings: GoogleSurroundings): GoogleConnection {
  const { env, redactor, signal } = surroundings;
  const transport = new GoogleTransport(selection.timeoutMs, surroundings);
  const identity = ownIdentity({ env, redactor, sending: transport.sending });
  const bases = new Map<Api, string>();
  const baseOf = (api: Api): string => {
    const base = bases.get(api) ?? baseIn(env, api);
    bases.set(api, base);
    return base;
  };
  const headers =
    ({ as }: Request) =>
    async (): Promise<Headers> => {
      if (as === undefined) return identity.headers();
      if (as === "nobody") return new Headers();
      redactor.watch(as);
      return new Headers({ authorization: `Bearer ${Buffer.from(as.reveal()).toString("utf8")}` });
    };
  const send = async (request: Request, mode: Call["mode"]): ReturnType<GoogleTransport["send"]> => {
    const { api, path: place, query = [], as: _, ...rest } = request;
    const search = new URLSearchParams(query.filter((pair): pair is [string, string] => pair[1] !== undefined));
    const base = baseOf(api);
    // A name of dots alone is a step upwards to a URL, however it is escaped.
    if (!new URL(`${base}${place}`).href.endsWith(place))
      throw new GoogleError("invalid", request.action, "Google has nothing that is called so");
    const url = `${base}${place}${search.size === 0 ? "" : `?${search.toString()}`}`;
    return transport.send({ ...rest, mode, url, headers: headers(request) });
  };
  const json = async (request: Request, mode: Call["mode"]): Promise<Json> => {
    const { status, body } = await send(request, mode);
    if (status === 204 || (body.length === 0 && request.method === "DELETE")) return {};
    return parsed(body, request.action, new URL(baseOf(request.api)).host);
  };
  return {
    transport,
    identity,
    redactor,
    signal,
    read: (request) => json(request, "read"),
    write: (request) => json(request, "write"),
    bytes: async (request) => (await send(request, "read")).body,
  };
}

/** Parts of a path, escaped: none of them can lead elsewhere. */
export function path(parts: TemplateStringsArray, ...values: readonly string[]): string {
  return parts.reduce((text, part, i) => `${text}${encodeURIComponent(values[i - 1] ?? "")}${part}`);
}

/** @throws UserError for what is no address; it is not told, since it may hold anything */
function baseIn(env: GoogleSurroundings["env"], api: Api): string {
  const name = `CLOUDSDK_API_ENDPOINT_OVERRIDES_${api}`;
  const set = env[name];
  if (!set) return HOSTS[api];
  const url = URL.parse(set);
  if (url === null || !/^https?:$/.test(url.protocol))
    throw new UserError("bad-endpoint", `${name} holds no URL`, { hint: `as in ${name}=${HOSTS[api]}/` });
  // gcloud takes storage's with or without its own path.
  return `${url.origin}${url.pathname.replace(/\/+$/, "").replace(/\/storage\/v1$/, "")}`;
}

/** A page that a proxy answers with is no answer. */
function parsed(body: Buffer, action: string, host: string): Json {
  try {
    const value: unknown = JSON.parse(body.toString("utf8"));
    if (typeof value === "object" && value !== null && !Array.isArray(value)) return value as Json;
  } catch {
    // Told below.
  }
  throw new GoogleError("malformed", action, `${host} sent an answer that cannot be read`);
}
