import { randomBytes } from "node:crypto";
import { createServer } from "node:http";

import { CANARY_STEM } from "../canaries.ts";
import { TokenIssuer } from "../kube-server/tokens.ts";
import { NUMBER, PROJECT, type GoogleSeed, type TestGoogle } from "../test-google.ts";
import { ownCaller } from "./caller.ts";
import { CONTAINER } from "./container.ts";
import { GoogleFaults, type GoogleCall, type GoogleFault } from "./faults.ts";
import { IAM } from "./iam.ts";
import { IAM_CREDENTIALS } from "./iam-credentials.ts";
import type { KeySet } from "./kubernetes-token.ts";
import { MEMORY } from "./memory-objects.ts";
import { writeOwnCredentials } from "./own-credentials.ts";
import { remoteObjects } from "./remote-objects.ts";
import { RESOURCE_MANAGER } from "./resource-manager.ts";
import { seedState } from "./seed.ts";
import { GoogleRequestHandler } from "./server.ts";
import { SERVICE_USAGE } from "./service-usage.ts";
import { State } from "./state.ts";
import { STORAGE } from "./storage.ts";
import { stsOf } from "./sts.ts";

/** Of the cluster `prod` in `europe-west1` of `acme-prod`, as GKE makes them; the in-process API server can be started with it. */
export const GKE_ISSUER = "https://container.googleapis.com/v1/projects/acme-prod/locations/europe-west1/clusters/prod";

export interface GoogleServerOptions {
  /** URL of every cluster's issuer; without it each has its own, as on GKE. */
  readonly issuer?: string;
  /** The issuers' keys; those of the in-process API server unless told. */
  readonly jwks?: () => KeySet | Promise<KeySet>;
  /** For so long a change of a policy, and a new account, are not seen everywhere, milliseconds. */
  readonly eventual?: number;
  /** URL of a server of Cloud Storage's API, without authentication, that is to keep the objects. */
  readonly objects?: string;
  /** Part before the @ of the service account that the metadata server is one of. */
  readonly machine?: string;
}

export interface InProcessGoogle extends TestGoogle {
  /** Every call answered so far; empty it to count anew. */
  readonly calls: GoogleCall[];
  readonly state: State;
  /** `http://127.0.0.1:PORT`. */
  readonly url: string;
  /** As `env`, with no credentials but those of the metadata server. */
  readonly machineEnv: Readonly<Record<string, string>>;
  /** Makes calls go wrong from now on. */
  fail(fault: GoogleFault): void;
  /** No call goes wrong any more. */
  heal(): void;
  /** A token of the tool's own identity. */
  ownToken(): string;
  /** Puts the clock forward with which tokens and conditions are judged, milliseconds. */
  putClockForward(by: number): void;
  /** Forgets everything, and has this instead. */
  reset(seed?: GoogleSeed): void;
}

/**
 * Starts Google Cloud in this process, on one port of loopback: the methods of GKE, IAM, the resource manager, the token
 * services, service usage and Cloud Storage that the tool uses, as strict as Google and in its words. It is reached by
 * gcloud's own variables.
 */
export async function startGoogleServer(
  seed: GoogleSeed = {},
  options: GoogleServerOptions = {},
): Promise<InProcessGoogle> {
  const { issuer, machine, eventual = 0 } = options;
  const objects = options.objects === undefined ? MEMORY : remoteObjects(options.objects);
  const faults = new GoogleFaults();
  const calls: GoogleCall[] = [];
  const fresh = (given: GoogleSeed): State => {
    const made = new State(given.project ?? PROJECT, objects);
    made.lagMs = eventual;
    seedState(made, given, issuer);
    return made;
  };
  let state = fresh(seed);
  const jwks = options.jwks ?? ((): KeySet => new TokenIssuer("").jwks() as KeySet);
  const ownSubject = `${CANARY_STEM}${randomBytes(12).toString("base64url")}`;
  const sts = stsOf({ ownSubject, keysOf: () => jwks() });
  const handler = new GoogleRequestHandler({
    state: () => state,
    apis: [CONTAINER, IAM, IAM_CREDENTIALS, RESOURCE_MANAGER, SERVICE_USAGE, sts, STORAGE],
    faults,
    calls,
    machine: () => (machine === undefined ? undefined : `${machine}@${state.project}.iam.gserviceaccount.com`),
  });
  const server = createServer((request, response) => void handler.handle(request, response));
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const address = server.address();
  const host = `127.0.0.1:${typeof address === "object" && address !== null ? address.port : 0}`;
  const url = `http://${host}`;
  const own = writeOwnCredentials(url, seed.number ?? NUMBER, ownSubject);
  const endpoints = {
    CLOUDSDK_API_ENDPOINT_OVERRIDES_CONTAINER: `${url}/container/`,
    CLOUDSDK_API_ENDPOINT_OVERRIDES_IAM: `${url}/iam/`,
    CLOUDSDK_API_ENDPOINT_OVERRIDES_IAMCREDENTIALS: `${url}/iamcredentials/`,
    CLOUDSDK_API_ENDPOINT_OVERRIDES_CLOUDRESOURCEMANAGER: `${url}/cloudresourcemanager/`,
    CLOUDSDK_API_ENDPOINT_OVERRIDES_SERVICEUSAGE: `${url}/serviceusage/`,
    CLOUDSDK_API_ENDPOINT_OVERRIDES_STS: `${url}/sts/`,
    CLOUDSDK_API_ENDPOINT_OVERRIDES_STORAGE: `${url}/storage/v1/`,
  };
  return {
    get project() {
      return state.project;
    },
    get number() {
      return state.projects.get(state.project)?.number ?? "";
    },
    get pool() {
      return `${state.project}.svc.id.goog`;
    },
    get state() {
      return state;
    },
    url,
    get env() {
      return {
        ...endpoints,
        GOOGLE_APPLICATION_CREDENTIALS: own.file,
        // What gcloud reads the same file by.
        CLOUDSDK_AUTH_CREDENTIAL_FILE_OVERRIDE: own.file,
        GOOGLE_CLOUD_PROJECT: state.project,
        METADATA_SERVER_DETECTION: "none",
      };
    },
    machineEnv: { ...endpoints, GCE_METADATA_HOST: host },
    calls,
    fail: (fault) => faults.add(fault),
    heal: () => faults.clear(),
    ownToken: () => state.issue(() => ownCaller(state), 3_600_000),
    putClockForward: (by) => (state.clockOffsetMs += by),
    seed: async (more) => seedState(state, more, issuer),
    reset: (given = {}) => {
      state = fresh(given);
      calls.length = 0;
      faults.clear();
    },
    stop: async () => {
      server.closeAllConnections();
      await new Promise<void>((resolve) => server.close(() => resolve()));
      own.remove();
    },
  };
}
