import { installGcloud } from "../support/gcloud/install.ts";
import { gcloudContract } from "./gcloud.contract.ts";

gcloudContract((folder) => {
  installGcloud(folder);
  return folder;
});
