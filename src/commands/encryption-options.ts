import { resourcesRefusal } from "../domain/encryption-configuration.ts";
import { UserError } from "../domain/errors.ts";
import { nearest, printable } from "../domain/text.ts";
import type { CloudOptions } from "./cloud.ts";
import type { ClusterOptions } from "./options.ts";
import type { OutputOptions } from "./outputs.ts";

/** Options of `init encryption`, as commander gives them. */
export interface EncryptionOptions extends ClusterOptions, CloudOptions, OutputOptions {
  readonly timeout: string;
  readonly platform?: "eks" | "gke" | "self-managed";
  readonly provider: string;
  readonly kmsName: string;
  readonly kmsEndpoint?: string;
  readonly resources: string;
  /** File of the configuration that is in force. */
  readonly rotate?: string;
  /** Of the cloud's KMS. */
  readonly key?: string;
  readonly writeTo?: string;
  readonly plaintextInGit?: boolean;
  readonly dryRun?: boolean;
}

/** Why a provider of Kubernetes is not to be had here. */
const REFUSED: Readonly<Record<string, string>> = {
  aescbc: "it can be attacked through its padding, and Kubernetes does not recommend it",
  aesgcm: "its key has to be replaced by a program before 200,000 writes, and breaks after them",
  identity: "it encrypts nothing",
};
const HINT = "--provider secretbox, or --provider kms --kms-endpoint unix:///run/kms.sock where there is a KMS plugin";

/** @throws UserError for a provider that is weak or unknown, and with why */
export function assertProvider({ provider, kmsEndpoint, kmsName }: EncryptionOptions): void {
  const name = printable(provider);
  const why = REFUSED[provider];
  if (why !== undefined) throw new UserError("weak-provider", `${name} is not written: ${why}`, { hint: HINT });
  if (provider !== "secretbox" && provider !== "kms") {
    const near = nearest(provider, ["secretbox", "kms"]);
    throw new UserError("bad-provider", `there is no provider "${name}" here`, {
      hint: near === undefined ? HINT : `did you mean --provider ${near}?`,
    });
  }
  if (provider === "kms" && !/^unix:\/\/\/?[^\s]+$/.test(kmsEndpoint ?? "")) {
    throw new UserError("bad-kms-endpoint", "--provider kms takes the socket of a KMS v2 plugin", {
      hint: "--kms-endpoint unix:///run/kms.sock",
    });
  }
  if (provider === "kms" && (kmsName === "" || kmsName.includes(":")))
    throw new UserError("bad-kms-name", "--kms-name is a name without a colon");
  if (provider !== "kms" && kmsEndpoint !== undefined)
    throw new UserError("bad-kms-endpoint", "--kms-endpoint goes with --provider kms");
}

/** @throws UserError for resources that kube-apiserver takes none of, or without Secrets */
export function resourcesOf({ resources }: EncryptionOptions): string[] {
  const names = resources.split(",").map((one) => one.trim());
  const refusal = resourcesRefusal(names);
  if (refusal !== undefined) throw new UserError("bad-resources", `--resources ${printable(refusal)}`);
  if (names.some((one) => one === "secrets" || one === "*." || one === "*.*")) return names;
  throw new UserError("bad-resources", "--resources leaves the Secrets in clear", {
    hint: `--resources secrets,${names.map(printable).join(",")}`,
  });
}

/** @throws UserError for options of a file that a cloud's control plane does not have */
export function assertNoFile({ writeTo, rotate, provider }: EncryptionOptions, platform: "EKS" | "GKE"): void {
  const given = [
    ...(writeTo === undefined ? [] : ["--write-to"]),
    ...(rotate === undefined ? [] : ["--rotate"]),
    ...(provider === "secretbox" ? [] : ["--provider"]),
  ];
  if (given.length === 0) return;
  throw new UserError(
    "no-file",
    `${given.join(" and ")} is for a control plane of one's own, and this one is of ${platform}`,
    {
      hint: "without it, the commands for its own KMS are printed; --platform self-managed if this is wrong",
    },
  );
}

/** @throws UserError for what is no key of the cloud's KMS */
export function assertKey(key: string | undefined, platform: "eks" | "gke"): void {
  const isOne =
    platform === "eks"
      ? /^arn:aws[a-z0-9-]*:kms:[a-z0-9-]+:\d{12}:(key|alias)\/[\w/-]+$/
      : /^projects\/[^/\s]+\/locations\/[^/\s]+\/keyRings\/[^/\s]+\/cryptoKeys\/[^/\s]+$/;
  if (key === undefined || isOne.test(key)) return;
  throw new UserError("bad-key", `"${printable(key)}" names no key`, {
    hint:
      platform === "eks"
        ? "--key takes the ARN of a KMS key, as arn:aws:kms:us-east-1:123456789012:key/…"
        : "--key takes projects/PROJECT/locations/LOCATION/keyRings/RING/cryptoKeys/KEY",
  });
}
