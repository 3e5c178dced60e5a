import { writeFileSync } from "node:fs";
import { join } from "node:path";

import type { TestCluster } from "../support/test-cluster.ts";
import { answers, clusterAt, newPlaneIdentity, startApiServer, startEtcd } from "./api-server.ts";
import { Leash } from "./leash.ts";

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
  const stop = (): Promise<void> => leash.end();
  try {
    const identity = newPlaneIdentity();
    const etcd = await startEtcd(leash, bin);
    const cluster = await startApiServer(leash, bin, identity, { etcd, issuer });
    const { adminToken } = identity;
    const address: BedAddress = { url: cluster.url, ca: cluster.ca, adminToken, bin, folder };
    const kubeconfig = join(folder, "admin.kubeconfig");
    writeFileSync(kubeconfig, cluster.kubeconfig(), { mode: 0o600 });
    // The controller manager exits when it comes before the RBAC bootstrap.
    await leash.run("kube-controller-manager", join(bin, "kube-controller-manager"), [
      "--kubeconfig",
      kubeconfig,
      "--bind-address",
      "127.0.0.1",
      "--service-account-private-key-file",
      join(folder, "sa.key"),
      "--root-ca-file",
      join(folder, "ca.crt"),
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
  return clusterAt(address);
}
