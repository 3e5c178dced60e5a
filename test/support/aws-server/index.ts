import { createServer } from "node:http";

import { CANARY_OWN_SECRET } from "../canaries.ts";
import { TokenIssuer } from "../kube-server/tokens.ts";
import type { AwsSeed, TestCloud } from "../test-cloud.ts";
import { OWN_USER } from "./caller.ts";
import { AwsFaults, type AwsCall, type AwsFault } from "./faults.ts";
import { FLAVOURS } from "./flavours.ts";
import { newKey } from "./iam-keys.ts";
import { seedState } from "./seed.ts";
import { AwsRequestHandler } from "./server.ts";
import { State } from "./state.ts";
import { Verifier, type KeySet } from "./web-identity.ts";

export const ACCOUNT = "123456789012";
/** As EKS makes them; the in-process API server can be started with it. */
export const EKS_ISSUER = "https://oidc.eks.us-east-1.amazonaws.com/id/EXAMPLED539D4633E53DE1B71EXAMPLE";
const OWN_KEY = "AKIAANTFLYCREDSOWNK1";

export interface AwsServerOptions {
  /** URL of the cluster's issuer; `EKS_ISSUER` unless told. */
  readonly issuer?: string;
  /** The issuer's keys; those of the in-process API server unless told. */
  readonly jwks?: () => KeySet | Promise<KeySet>;
  /** What the store is like. */
  readonly store?: keyof typeof FLAVOURS;
  /** Reads after a write see the old state for so long, milliseconds. */
  readonly eventual?: number;
  /** Region that the S3 endpoint is of; without it that of any. */
  readonly region?: string;
  /** By how much the server's clock is ahead, milliseconds. */
  readonly clockOffsetMs?: number;
}

export interface InProcessCloud extends TestCloud {
  readonly kind: "in-process";
  /** Every call answered so far; empty it to count anew. */
  readonly calls: AwsCall[];
  readonly state: State;
  /** Makes calls go wrong from now on. */
  fail(fault: AwsFault): void;
  /** No call goes wrong any more. */
  heal(): void;
  /** Forgets everything, and has this instead. */
  reset(seed?: AwsSeed): void;
  /** Lets the tokens of a further issuer be verified. */
  trustIssuer(url: string, keys: () => KeySet | Promise<KeySet>): void;
}

/**
 * Starts STS, IAM, EKS and S3 in this process, on one port of loopback: the part that the tool uses, as strict as AWS and
 * with its codes and texts. The contract suite holds it to the real servers of the test-bed where they are as strict.
 */
export async function startAwsServer(seed: AwsSeed = {}, options: AwsServerOptions = {}): Promise<InProcessCloud> {
  const { issuer = EKS_ISSUER, store = "aws", eventual = 0, region, clockOffsetMs = 0 } = options;
  const faults = new AwsFaults();
  const calls: AwsCall[] = [];
  const fresh = (given: AwsSeed): State => {
    const made = new State(given.account ?? ACCOUNT, eventual);
    const own = { name: OWN_USER, keys: [{ id: OWN_KEY, secret: CANARY_OWN_SECRET }] };
    seedState(made, { users: [own] }, issuer);
    seedState(made, given, issuer);
    return made;
  };
  let state = fresh(seed);
  const verifier = new Verifier(() => state);
  verifier.issuers.set(issuer, options.jwks ?? (() => new TokenIssuer(issuer).jwks() as KeySet));
  const flavour = FLAVOURS[store];
  const handler = new AwsRequestHandler({
    state: () => state,
    verifier,
    flavour,
    faults,
    calls,
    region,
    clockOffsetMs,
  });
  const server = createServer((request, response) => void handler.handle(request, response));
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const address = server.address();
  const url = `http://127.0.0.1:${typeof address === "object" && address !== null ? address.port : 0}`;
  return {
    kind: "in-process",
    get account() {
      return state.account;
    },
    get state() {
      return state;
    },
    issuer,
    s3: url,
    env: {
      AWS_ENDPOINT_URL_STS: url,
      AWS_ENDPOINT_URL_IAM: url,
      AWS_ENDPOINT_URL_EKS: url,
      AWS_ENDPOINT_URL_S3: url,
      AWS_ACCESS_KEY_ID: OWN_KEY,
      AWS_SECRET_ACCESS_KEY: CANARY_OWN_SECRET,
      AWS_REGION: "us-east-1",
    },
    calls,
    fail: (fault) => faults.add(fault),
    heal: () => faults.clear(),
    seed: async (more) => seedState(state, more, issuer),
    reset: (given = {}) => {
      state = fresh(given);
      calls.length = 0;
      faults.clear();
    },
    createKey: async (name) => {
      const user = state.actual.users.get(name);
      if (user === undefined) throw new Error(`there is no user ${name}`);
      const key = newKey();
      user.keys.set(key.id, key);
      return { id: key.id, secret: key.secret };
    },
    deactivateKey: async (name, id) => {
      const key = state.actual.users.get(name)?.keys.get(id);
      if (key === undefined) throw new Error(`user ${name} has no key ${id}`);
      key.status = "Inactive";
    },
    trustIssuer: (of, keys) => verifier.issuers.set(of, keys),
    stop: async () => {
      server.closeAllConnections();
      await new Promise<void>((resolve) => server.close(() => resolve()));
    },
  };
}
