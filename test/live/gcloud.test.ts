import { existsSync } from "node:fs";
import { delimiter, join } from "node:path";

import { gcloudContract } from "../contract/gcloud.contract.ts";
import { installGcloud } from "../support/gcloud/install.ts";

/** The real gcloud, where this machine has one; else the stand-in once more. */
gcloudContract((folder) => {
  const real = (process.env["PATH"] ?? "").split(delimiter).find((one) => existsSync(join(one, "gcloud")));
  if (real !== undefined) return real;
  installGcloud(folder);
  return folder;
});
