import { startKubeServer } from "../support/kube-server/index.ts";
import { podIdentityWebhook } from "./pod-identity-webhook.contract.ts";

podIdentityWebhook(startKubeServer);
