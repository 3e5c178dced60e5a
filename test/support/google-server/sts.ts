import type { Api, Call } from "./call.ts";
import { ownCaller, workloadCaller, type Caller } from "./caller.ts";
import { invalidGrant, verifyToken, type KeySet } from "./kubernetes-token.ts";
import { Refusal } from "./refusal.ts";
import { noPool } from "./set-policy.ts";
import type { State } from "./state.ts";

const LIFETIME_SECONDS = 3600;
const EXCHANGE = "urn:ietf:params:oauth:grant-type:token-exchange";
const ACCESS_TOKEN = "urn:ietf:params:oauth:token-type:access_token";
const JWT = "urn:ietf:params:oauth:token-type:jwt";
const WORKLOAD =
  /^identitynamespace:([^:]+):https:\/\/container\.googleapis\.com\/v1\/(projects\/[^/]+\/locations\/[^/]+\/clusters\/[^/]+)$/;
/** Of the tool's own identity. */
export const OWN_AUDIENCE = "/locations/global/workloadIdentityPools/ci/providers/ci";

export interface TokenService {
  /** What stands in the file that the tool's own credentials are read from. */
  readonly ownSubject: string;
  /** Of an issuer; undefined where it cannot be reached. */
  readonly keysOf: (issuer: string) => KeySet | Promise<KeySet> | undefined;
  /** Milliseconds. */
  readonly time: () => number;
}

/** Both forms of the request: RFC 8693's names in a form, Google's in JSON. */
function parameters({ request, body }: Call): (name: string) => string {
  const form = (request.headers["content-type"] ?? "").startsWith("application/x-www-form-urlencoded");
  const params = form ? new URLSearchParams(request.body.toString("utf8")) : undefined;
  return (name) => {
    const camel = name.replace(/_([a-z])/g, (_, letter: string) => letter.toUpperCase());
    const value: unknown = params === undefined ? (body?.[camel] ?? body?.[name]) : params.get(name);
    return typeof value === "string" ? value : "";
  };
}

function assertOne(name: string, value: string, allowed: readonly string[]): void {
  if (allowed.includes(value)) return;
  const what = value === "" ? `"${name}" is required.` : `Invalid value for "${name}": ${value}`;
  throw new Refusal(400, "invalid_request", what);
}

async function workload(state: State, service: TokenService, audience: string, token: string): Promise<Caller> {
  const [, pool = "", path = ""] = WORKLOAD.exec(audience) ?? [];
  const project = state.poolProject(pool);
  if (project === undefined) {
    const { message } = noPool(pool);
    throw new Refusal(400, "invalid_target", message);
  }
  const cluster = state.clusters.get(path);
  if (cluster?.workloadPool !== pool) {
    const message =
      'The target service indicated by the "audience" parameters is invalid. This might either be because the pool or provider is disabled or deleted or because it doesn\'t exist.';
    throw new Refusal(400, "invalid_target", message);
  }
  const { issuer } = cluster;
  const keys = await service.keysOf(issuer);
  if (keys === undefined) throw invalidGrant(`Error connecting to the given credential's issuer.`);
  const { namespace, serviceAccount } = verifyToken(token, { issuer, audience: pool, keys, time: service.time() });
  const url = `https://container.googleapis.com/v1/${path}`;
  return workloadCaller({ pool, projectNumber: project.number, namespace, serviceAccount, cluster: url });
}

/** Whose token it is: gcloud asks that of itself. */
function introspect(call: Call): object {
  const given = call.state.tokens.get(parameters(call)("token"));
  const caller = given !== undefined && given.expiresAt > Date.now() ? given.caller() : undefined;
  return caller === undefined ? { active: false } : { active: true, username: caller.name };
}

/** The token service; it is asked without an identity of one's own. */
export function stsOf(service: TokenService): Api {
  const exchange = async (call: Call): Promise<object> => {
    const { state } = call;
    const of = parameters(call);
    assertOne("grant_type", of("grant_type"), [EXCHANGE]);
    assertOne("requested_token_type", of("requested_token_type"), [ACCESS_TOKEN]);
    assertOne("subject_token_type", of("subject_token_type"), [JWT]);
    if (of("scope") === "") throw new Refusal(400, "invalid_scope", "Invalid scope.");
    const audience = of("audience");
    const token = of("subject_token");
    if (token === "") throw new Refusal(400, "invalid_request", '"subject_token" is required.');
    let caller: Caller;
    if (audience.endsWith(OWN_AUDIENCE)) {
      if (token !== service.ownSubject)
        throw invalidGrant("The given credential is rejected by the attribute condition.");
      caller = ownCaller(state);
    } else if (WORKLOAD.test(audience)) caller = await workload(state, service, audience, token);
    else {
      const message =
        'Invalid value for "audience". This value should be the full resource name of the Identity Provider. See https://cloud.google.com/iam/docs/reference/sts/rest/v1/TopLevel/token for the list of possible formats.';
      throw new Refusal(400, "invalid_request", message);
    }
    return {
      access_token: state.issue(() => caller, LIFETIME_SECONDS * 1000),
      issued_token_type: ACCESS_TOKEN,
      token_type: "Bearer",
      expires_in: LIFETIME_SECONDS,
    };
  };
  return {
    host: "sts.googleapis.com",
    prefix: "/sts/",
    style: "oauth",
    routes: [
      { operation: "sts.token", permission: "", method: "POST", path: /^v1\/token$/, run: exchange },
      { operation: "sts.introspect", permission: "", method: "POST", path: /^v1\/introspect$/, run: introspect },
    ],
  };
}
