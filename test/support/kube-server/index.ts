import { randomBytes } from "node:crypto";
import { createServer } from "node:https";

import { createAuthority, type Authority } from "../certificates.ts";
import type { AnyObject } from "../follow.ts";
import { KubeClient } from "../kube-client.ts";
import { kubeconfigFor } from "../kubeconfig.ts";
import type { TestCluster } from "../test-cluster.ts";
import { Api } from "./api.ts";
import { Faults, type LoggedCall } from "./faults.ts";
import { RequestHandler } from "./server.ts";
import { StatefulSetController } from "./statefulsets.ts";
import { TokenIssuer } from "./tokens.ts";

export interface KubeServerOptions {
  /** Version that the server says it has, e.g. `v1.31.0`. */
  readonly version?: string;
  /** Serve with a certificate that has run out. */
  readonly expiredCertificate?: boolean;
  /** Objects that are there from the start, exactly as given. */
  readonly objects?: readonly AnyObject[];
  /** Run the StatefulSet controller; on by default. */
  readonly controllers?: boolean;
  /** Issuer of its tokens, e.g. one shaped as EKS makes them. */
  readonly issuer?: string;
  /** Lines of its metrics besides the usual ones. */
  readonly metrics?: readonly string[];
}

export interface InProcessCluster extends TestCluster {
  readonly kind: "in-process";
  readonly faults: Faults;
  /** Every call answered so far; empty it to count anew. */
  readonly calls: LoggedCall[];
  /** TLS connections accepted so far. */
  connections(): number;
  /** Puts objects there exactly as given, status and managedFields included. */
  seed(objects: readonly AnyObject[]): void;
  /** Forgets all objects, and has these instead; for a server without controllers. */
  reset(objects: readonly AnyObject[], metrics?: readonly string[]): void;
}

/** Some of what every API server counts. */
const USUAL_METRICS = [
  "# HELP apiserver_storage_envelope_transformation_cache_misses_total [ALPHA] Total number of cache misses while accessing key decryption key(KEK).",
  "# TYPE apiserver_storage_envelope_transformation_cache_misses_total counter",
  "apiserver_storage_envelope_transformation_cache_misses_total 0",
];

let authority: Authority | undefined;

/**
 * Starts an API server in this process, on loopback: the part of Kubernetes that the tool and its stand-ins use, held to
 * the real one by the contract suite.
 */
export async function startKubeServer(options: KubeServerOptions = {}): Promise<InProcessCluster> {
  authority ??= createAuthority();
  const ca = authority.cert;
  const expired = options.expiredCertificate === true ? { notAfter: new Date(Date.now() - 60_000) } : {};
  const identity = authority.issue(["127.0.0.1", "localhost"], expired);
  const adminToken = randomBytes(16).toString("hex");
  const api = new Api();
  const faults = new Faults();
  const calls: LoggedCall[] = [];
  let url = "";
  let connections = 0;
  let metrics = options.metrics ?? [];

  const issuer = new TokenIssuer(options.issuer ?? "https://kubernetes.default.svc");
  const handler = new RequestHandler(api, {
    gitVersion: options.version ?? "v1.36.3",
    url: () => url,
    adminToken,
    issuer,
    faults,
    calls,
    metrics: () => [...USUAL_METRICS, ...metrics],
  });
  const server = createServer(
    { key: identity.key, cert: identity.cert },
    (request, response) => void handler.handle(request, response),
  );
  server.on("secureConnection", () => (connections += 1));
  server.on("tlsClientError", () => {});
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const address = server.address();
  url = `https://127.0.0.1:${typeof address === "object" && address !== null ? address.port : 0}`;

  api.reset();
  api.seed(options.objects ?? []);
  const controller = options.controllers === false ? undefined : new StatefulSetController(api);
  const client = (token?: string): KubeClient => new KubeClient(url, ca, token === undefined ? {} : { token });
  return {
    kind: "in-process",
    url,
    ca,
    admin: client(adminToken),
    client,
    faults,
    calls,
    connections: () => connections,
    seed: (objects) => api.seed(objects),
    reset: (objects, lines = []) => {
      metrics = lines;
      api.reset();
      api.seed(objects);
    },
    kubeconfig: ({ token = adminToken, ...names } = {}) => kubeconfigFor(url, ca, token, names),
    stop: async () => {
      await controller?.stop();
      handler.endWatches();
      server.closeAllConnections();
      await new Promise<void>((resolve) => server.close(() => resolve()));
    },
  };
}
