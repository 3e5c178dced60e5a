import { generateKeyPairSync, randomBytes } from "node:crypto";
import { writeFileSync } from "node:fs";
import { join } from "node:path";

import { createAuthority } from "../support/certificates.ts";
import { KubeClient } from "../support/kube-client.ts";
import { kubeconfigFor } from "../support/kubeconfig.ts";
import type { TestCluster } from "../support/test-cluster.ts";
import { freePorts, Leash } from "./leash.ts";

/** Where a running control plane is and how to get in; plain data, so that other processes can be told. */
export interface BedAddress {
  readonly url: string;
  readonly ca: string;
  readonly adminToken: string;
  /** Folder with the programs, kubectl among them. */
  readonly bin: string;
  readonly folder: string;
}

export interface ControlPlane {
  readonly address: BedAddress;
  readonly cluster: TestCluster;
  readonly seconds: number;
  stop(): Promise<void>;
}

const CONTROLLERS = [
  "statefulset",
  "replicaset",
  "deployment",
  "job",
  "cronjob",
  "ttl-after-finished",
  "serviceaccount",
  "serviceaccount-token",
  "root-ca-certificate-publisher-controller",
  "endpoints-controller",
  "endpointslice",
  "namespace",
  "garbage-collector-controller",
  "disruption",
  "pvc-protection",
  "pv-protection",
  "clusterrole-aggregation",
];

/**
 * Starts etcd, kube-apiserver and kube-controller-manager on loopback, in a folder of their own. They end with `stop()`,
 * and when this process ends in any way. The issuer of ServiceAccount tokens is the API server itself unless told.
 * @throws Error with the last lines of the log that tells why it did not start
 */
export async function startControlPlane(bin: string, issuer?: string): Promise<ControlPlane> {
  const start = performance.now();
  const leash = new Leash("bed");
  const { folder } = leash;
  const run = (program: string, args: readonly string[]): Promise<void> => leash.run(program, join(bin, program), args);
  const stop = (): Promise<void> => leash.end();
  try {
    const [etcdPort, peerPort, port] = await freePorts(3);
    const authority = createAuthority();
    const server = authority.issue(["127.0.0.1", "localhost"]);
    const { publicKey, privateKey } = generateKeyPairSync("rsa", { modulusLength: 2048 });
    const adminToken = randomBytes(16).toString("hex");
    const file = (name: string, content: string): string => {
      writeFileSync(join(folder, name), content, { mode: 0o600 });
      return join(folder, name);
    };
    const ca = file("ca.crt", authority.cert);
    const signingKey = file("sa.key", privateKey.export({ type: "pkcs8", format: "pem" }).toString());
    const address: BedAddress = { url: `https://127.0.0.1:${port}`, ca: authority.cert, adminToken, bin, folder };
    const cluster = realCluster(address);

    const etcd = `http://127.0.0.1:${etcdPort}`;
    const peer = `http://127.0.0.1:${peerPort}`;
    await run("etcd", [
      "--data-dir",
      join(folder, "etcd"),
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
    await run("kube-apiserver", [
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
      ca,
      "--authorization-mode",
      "RBAC",
      "--token-auth-file",
      file("tokens.csv", `${adminToken},admin,admin,"system:masters"\n`),
      "--service-account-issuer",
      issuer ?? address.url,
      "--service-account-jwks-uri",
      issuer === undefined ? `${address.url}/openid/v1/jwks` : `${issuer}/keys`,
      "--service-account-key-file",
      file(
        "sa.pub",
        publicKey
          .export({
            type: "spki",
            format: "pem",
          })
          .toString(),
      ),
      "--service-account-signing-key-file",
      signingKey,
      "--api-audiences",
      "https://kubernetes.default.svc",
      "--service-cluster-ip-range",
      "10.0.0.0/16",
      "--endpoint-reconciler-type",
      "none",
      "--enable-priority-and-fairness=false",
      "--disable-admission-plugins=TaintNodesByCondition",
    ]);
    await leash.ready("kube-apiserver", answers(cluster, "/readyz"));
    // The controller manager exits when it comes before the RBAC bootstrap.
    await run("kube-controller-manager", [
      "--kubeconfig",
      file("admin.kubeconfig", cluster.kubeconfig()),
      "--bind-address",
      "127.0.0.1",
      "--service-account-private-key-file",
      signingKey,
      "--root-ca-file",
      ca,
      "--use-service-account-credentials=true",
      "--controllers",
      CONTROLLERS.join(","),
      "--secure-port",
      "0",
      "--leader-elect=false",
    ]);
    const account = "/api/v1/namespaces/default/serviceaccounts/default";
    await leash.ready("kube-controller-manager", answers(cluster, account));
    const seconds = Math.round((performance.now() - start) / 100) / 10;
    return { address, cluster: { ...cluster, stop }, seconds, stop };
  } catch (error) {
    await stop();
    throw error;
  }
}

/** The same server for whoever is told its address. */
export function realCluster(address: BedAddress): TestCluster {
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
function answers(cluster: TestCluster, path: string): () => Promise<boolean> {
  return async () => (await cluster.admin.get(path)).status === 200;
}
