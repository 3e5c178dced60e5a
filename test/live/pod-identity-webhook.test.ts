import { liveCluster } from "../bed/live-cluster.ts";
import { podIdentityWebhook } from "../contract/pod-identity-webhook.contract.ts";

podIdentityWebhook(liveCluster);
