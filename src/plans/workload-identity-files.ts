import { GOOGLE_ANNOTATION } from "../domain/gcp/workload-identity.ts";
import { gcloudScript } from "./gcloud-script.ts";
import { gkeTerraformFile } from "./gke-terraform-file.ts";
import { manifestFiles, type IdentityFile } from "./manifest-files.ts";
import type { WorkloadIdentityInput } from "./workload-identity-input.ts";

export const SCRIPT = "gcloud.sh";
export const TERRAFORM = "workload-identity.tf";

/** All that an identity on GKE consists of, as files; none holds a secret. */
export function workloadIdentityFiles(
  input: WorkloadIdentityInput,
  renderYaml: (object: unknown) => string,
): IdentityFile[] {
  const { googleAccount } = input;
  const annotations: Record<string, string> =
    googleAccount === undefined ? {} : { [GOOGLE_ANNOTATION]: googleAccount.email };
  return [
    ...manifestFiles(input, annotations, renderYaml),
    { name: TERRAFORM, content: gkeTerraformFile(input) },
    { name: SCRIPT, content: gcloudScript(input) },
  ];
}
