import { gcloudFolder } from "../bed/gcloud.ts";
import { gcloudContract } from "../contract/gcloud.contract.ts";

gcloudContract(gcloudFolder);
