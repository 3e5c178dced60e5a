import { existsSync } from "node:fs";
import { delimiter, join } from "node:path";

import { installGcloud } from "../support/gcloud/install.ts";

/** The folder of the real gcloud, where this machine has one; else this folder, with the stand-in in it. */
export function gcloudFolder(folder: string): string {
  const real = (process.env["PATH"] ?? "").split(delimiter).find((one) => existsSync(join(one, "gcloud")));
  if (real !== undefined) return real;
  installGcloud(folder);
  return folder;
}
