import { randomBytes } from "node:crypto";
import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";

import type { Built } from "./build.ts";
import { freePorts, Leash } from "./leash.ts";

/** Where a running cloud is and how to get in; plain data, so that other processes can be told. */
export interface CloudAddress {
  /** STS and IAM. */
  readonly iam: string;
  readonly s3: string;
  readonly eks: string;
  /** Cloud Storage's API, without authentication. */
  readonly gcs: string;
  readonly accessKeyId: string;
  readonly secretAccessKey: string;
  /** The issuer of the Kubernetes cluster beside it. */
  readonly issuer: string;
  /** Folder with the AWS CLI. */
  readonly cli: string;
}

export interface Cloud {
  readonly address: CloudAddress;
  stop(): Promise<void>;
}

/** The account of versitygw; ministack is told. */
export const ACCOUNT = "000000000000";
export const REGION = "us-east-1";

/**
 * Starts STS, IAM and S3 (versitygw), EKS (ministack) and Cloud Storage (fake-gcs-server) on loopback; they end with `stop()`, and when this process ends.
 * `ca` signed the issuer's certificate.
 * @throws Error with the last lines of the log that tells why one did not start
 */
export async function startCloud(built: Built, issuer: string, ca: string): Promise<Cloud> {
  const leash = new Leash("cloud");
  try {
    const folder = (name: string): string => {
      mkdirSync(join(leash.folder, name));
      return join(leash.folder, name);
    };
    const [iamPort, s3Port, eksPort, gcsPort] = await freePorts(4);
    const secretAccessKey = randomBytes(20).toString("hex");
    const address: CloudAddress = {
      iam: `http://127.0.0.1:${iamPort}`,
      s3: `http://127.0.0.1:${s3Port}`,
      eks: `http://127.0.0.1:${eksPort}`,
      gcs: `http://127.0.0.1:${gcsPort}`,
      accessKeyId: "root",
      secretAccessKey,
      issuer,
      cli: built.python,
    };
    const socket = join(leash.folder, "iam.sock");
    const trusted = join(leash.folder, "ca.crt");
    writeFileSync(trusted, ca);
    const gateway = (name: string, port: number | undefined, args: readonly string[]): Promise<void> =>
      leash.run(
        name,
        built.versitygw,
        ["--health", "/healthz", "--port", `127.0.0.1:${port}`, "--region", REGION, ...args],
        // The secret is not an argument; Go takes what is in SSL_CERT_FILE for the system's authorities.
        { ROOT_ACCESS_KEY_ID: address.accessKeyId, ROOT_SECRET_ACCESS_KEY: secretAccessKey, SSL_CERT_FILE: trusted },
      );
    await gateway("iam", iamPort, ["iam", "--dir", folder("iam"), "--private-ports", socket]);
    await leash.run(
      "eks",
      join(built.python, "python"),
      [fileURLToPath(new URL("python/launch-ministack.py", import.meta.url))],
      {
        AUTH: "false",
        GATEWAY_PORT: String(eksPort),
        BIND_HOST: "127.0.0.1",
        MINISTACK_ACCOUNT_ID: ACCOUNT,
        SERVICES: "eks,iam,sts",
        LOG_LEVEL: "WARNING",
        HOME: leash.folder,
        S3_DATA_DIR: folder("eks"),
      },
    );
    await leash.run("gcs", built.fakeGcsServer, [
      "-backend=memory",
      "-scheme=http",
      "-host=127.0.0.1",
      `-port=${gcsPort}`,
      `-public-host=127.0.0.1:${gcsPort}`,
    ]);
    await leash.ready("iam", healthy(`${address.iam}/healthz`));
    await gateway("s3", s3Port, [
      "--iam-standalone-endpoint",
      socket,
      "posix",
      "--versioning-dir",
      folder("versions"),
      folder("s3"),
    ]);
    await leash.ready("s3", healthy(`${address.s3}/healthz`));
    await leash.ready("eks", healthy(`${address.eks}/_ministack/health`));
    await leash.ready("gcs", healthy(`${address.gcs}/_internal/healthcheck`));
    return { address, stop: () => leash.end() };
  } catch (error) {
    await leash.end();
    throw error;
  }
}

function healthy(url: string): () => Promise<boolean> {
  return async () => (await fetch(url)).ok;
}

/** How the AWS SDK and CLI are told of the cloud, as its administrator. */
export function cloudEnvironment(address: CloudAddress): Record<string, string> {
  return {
    AWS_ENDPOINT_URL_STS: address.iam,
    AWS_ENDPOINT_URL_IAM: address.iam,
    AWS_ENDPOINT_URL_S3: address.s3,
    AWS_ENDPOINT_URL_EKS: address.eks,
    AWS_ACCESS_KEY_ID: address.accessKeyId,
    AWS_SECRET_ACCESS_KEY: address.secretAccessKey,
    AWS_REGION: REGION,
  };
}
