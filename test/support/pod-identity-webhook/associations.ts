import { EKSClient, paginateListPodIdentityAssociations } from "@aws-sdk/client-eks";

import type { WebhookOptions } from "./webhook.ts";

/** The Pod Identity associations of an EKS cluster, asked of the cloud that `env` names. */
export function associationsOf(
  env: Readonly<Record<string, string>>,
  clusterName: string,
): NonNullable<WebhookOptions["associated"]> {
  const {
    AWS_ENDPOINT_URL_EKS: endpoint = "",
    AWS_REGION: region = "us-east-1",
    AWS_ACCESS_KEY_ID: accessKeyId = "",
    AWS_SECRET_ACCESS_KEY: secretAccessKey = "",
  } = env;
  return async (namespace, serviceAccount) => {
    const client = new EKSClient({ endpoint, region, credentials: { accessKeyId, secretAccessKey } });
    try {
      const pages = paginateListPodIdentityAssociations({ client }, { clusterName, namespace, serviceAccount });
      for await (const { associations = [] } of pages) if (associations.length > 0) return true;
      return false;
    } finally {
      client.destroy();
    }
  };
}
