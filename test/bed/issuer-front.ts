import { createServer } from "node:https";

import { createAuthority } from "../support/certificates.ts";
import type { TestCluster } from "../support/test-cluster.ts";
import { ISSUER_ADDRESS, ISSUER_HOST } from "./network.ts";

export interface IssuerFront {
  /** PEM of the authority that signed the front's certificate. */
  readonly ca: string;
  /** From now on, what this issuer publishes is what this API server does. */
  serve(issuer: string, cluster: TestCluster): void;
  stop(): Promise<void>;
}

/** The issuer of the n-th cluster, as EKS names them. */
export function issuerOf(n: number): string {
  return `https://${ISSUER_HOST}/id/EXAMPLED539D4633E53DE1B71EXAMP${String(n).padStart(2, "0")}`;
}

/** What AWS runs for every EKS cluster: a public host that has the API server's discovery document and keys. */
export async function startIssuerFront(): Promise<IssuerFront> {
  const authority = createAuthority();
  const { cert, key } = authority.issue([ISSUER_HOST]);
  const clusters = new Map<string, TestCluster>();
  const server = createServer({ cert, key }, (request, response) => {
    const [, id, what] = /^(\/id\/[^/]+)\/(.+)$/.exec(request.url ?? "") ?? [];
    const cluster = clusters.get(`https://${ISSUER_HOST}${id}`);
    const path = what === "keys" ? "/openid/v1/jwks" : what === ".well-known/openid-configuration" && `/${what}`;
    if (cluster === undefined || !path) {
      response.writeHead(404).end();
      return;
    }
    cluster.admin.request("GET", path, { accept: "*/*" }).then(
      ({ status, body }) =>
        response.writeHead(status, { "content-type": "application/json" }).end(JSON.stringify(body)),
      () => response.writeHead(502).end(),
    );
  });
  await new Promise<void>((resolve, reject) => server.once("error", reject).listen(443, ISSUER_ADDRESS, resolve));
  return {
    ca: authority.cert,
    serve: (issuer, cluster) => void clusters.set(issuer, cluster),
    stop: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}
