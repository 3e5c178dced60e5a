import { generateKeyPairSync, randomBytes } from "node:crypto";
import { writeFileSync } from "node:fs";
import { join } from "node:path";

import { createAuthority, type Authority } from "../support/certificates.ts";
import { KubeClient } from "../support/kube-client.ts";
import { kubeconfigFor } from "../support/kubeconfig.ts";
import type { TestCluster } from "../support/test-cluster.ts";
import { freePorts, type Leash } from "./leash.ts";

/** What several API servers of one cluster have in common. */
export interface PlaneIdentity {
  readonly authority: Authority;
  readonly adminToken: string;
  /** PEM. */
  readonly signingKey: string;
  readonly verifyingKey: string;
}

export function newPlaneIdentity(): PlaneIdentity {
  const { publicKey, privateKey } = generateKeyPairSync("rsa", { modulusLength: 2048 });
  return {
    authority: createAuthority(),
    adminToken: randomBytes(16).toString("hex"),
    signingKey: privateKey.export({ type: "pkcs8", format: "pem" }).toString(),
    verifyingKey: publicKey.export({ type: "spki", format: "pem" }).toString(),
  };
}

/** Starts etcd on loopback; its URL. Clients may speak JSON to it (`/v3/kv/range`). */
export async function startEtcd(leash: Leash, bin: string): Promise<string> {
  const [port, peerPort] = await freePorts(2);
  const etcd = `http://127.0.0.1:${port}`;
  const peer = `http://127.0.0.1:${peerPort}`;
  await leash.run("etcd", join(bin, "etcd"), [
    "--data-dir",
    join(leash.folder, "etcd"),
    "--unsafe-no-fsync",
    "--log-level",
    "error",
    "--listen-client-urls",
    etcd,
    "--advertise-client-urls",
    etcd,
    "--listen-peer-urls",
    peer,
    "--initial-advertise-peer-urls",
    peer,
    "--initial-cluster",
    `default=${peer}`,
  ]);
  return etcd;
}

export interface ApiServerOptions {
  readonly etcd: string;
  /** Of ServiceAccount tokens; the API server itself unless told. */
  readonly issuer?: string | undefined;
  /** Arguments besides the usual ones. */
  readonly args?: readonly string[];
}

/**
 * Starts kube-apiserver on loopback and waits until it is ready.
 * @throws Error with the last lines of its log when it does not become that
 */
export async function startApiServer(
  leash: Leash,
  bin: string,
  identity: PlaneIdentity,
  { etcd, issuer, args = [] }: ApiServerOptions,
): Promise<TestCluster> {
  const { authority, adminToken } = identity;
  const [port] = await freePorts(1);
  const url = `https://127.0.0.1:${port}`;
  const server = authority.issue(["127.0.0.1", "localhost"]);
  const file = (name: string, content: string): string => {
    writeFileSync(join(leash.folder, name), content, { mode: 0o600 });
    return join(leash.folder, name);
  };
  const cluster = clusterAt({ url, ca: authority.cert, adminToken });
  await leash.run("kube-apiserver", join(bin, "kube-apiserver"), [
    "--etcd-servers",
    etcd,
    "--bind-address",
    "127.0.0.1",
    // It looks for a default route otherwise, and the private network has none.
    "--advertise-address",
    "127.0.0.1",
    "--secure-port",
    String(port),
    "--tls-cert-file",
    file("server.crt", server.cert),
    "--tls-private-key-file",
    file("server.key", server.key),
    "--client-ca-file",
    file("ca.crt", authority.cert),
    "--authorization-mode",
    "RBAC",
    "--token-auth-file",
    file("tokens.csv", `${adminToken},admin,admin,"system:masters"\n`),
    "--service-account-issuer",
    issuer ?? url,
    "--service-account-jwks-uri",
    issuer === undefined ? `${url}/openid/v1/jwks` : `${issuer}/keys`,
    "--service-account-key-file",
    file("sa.pub", identity.verifyingKey),
    "--service-account-signing-key-file",
    file("sa.key", identity.signingKey),
    "--api-audiences",
    "https://kubernetes.default.svc",
    "--service-cluster-ip-range",
    "10.0.0.0/16",
    "--endpoint-reconciler-type",
    "none",
    "--enable-priority-and-fairness=false",
    "--disable-admission-plugins=TaintNodesByCondition",
    ...args,
  ]);
  await leash.ready("kube-apiserver", answers(cluster, "/readyz"));
  return cluster;
}

/** A server for whoever is told its address. */
export function clusterAt(address: {
  readonly url: string;
  readonly ca: string;
  readonly adminToken: string;
}): TestCluster {
  const client = (token?: string): KubeClient =>
    new KubeClient(address.url, address.ca, token === undefined ? {} : { token });
  return {
    kind: "real",
    url: address.url,
    ca: address.ca,
    admin: client(address.adminToken),
    client,
    kubeconfig: ({ token = address.adminToken, ...names } = {}) => kubeconfigFor(address.url, address.ca, token, names),
    stop: async () => {},
  };
}

/** Asks whether a path answers 200. */
export function answers(cluster: TestCluster, path: string): () => Promise<boolean> {
  return async () => (await cluster.admin.get(path)).status === 200;
}
