import { createServer, type Server } from "node:https";
import type { IncomingMessage } from "node:http";

import { createAuthority } from "../certificates.ts";
import type { AnyObject } from "../follow.ts";
import type { KubeClient } from "../kube-client.ts";
import { mutationOf } from "./mutation.ts";

export interface WebhookOptions {
  /** Whether EKS has a Pod Identity association for a ServiceAccount; nobody has one unless told. */
  readonly associated?: (namespace: string, serviceAccount: string) => Promise<boolean>;
  readonly region?: string;
}

const CONFIGURATIONS = "/apis/admissionregistration.k8s.io/v1/mutatingwebhookconfigurations";
const NAME = "pod-identity-webhook";
const START_MS = 10_000;

/**
 * Stands in for the webhook that EKS runs on its control plane: a real MutatingWebhookConfiguration, called by the API
 * server for every new pod. It asks for the ServiceAccount each time, where the real one has a cache.
 */
export class PodIdentityWebhook {
  readonly #client: KubeClient;
  readonly #options: WebhookOptions;
  readonly #server: Server;
  #reviews = 0;

  private constructor(client: KubeClient, options: WebhookOptions) {
    this.#client = client;
    this.#options = options;
    const authority = createAuthority();
    this.#ca = authority.cert;
    this.#server = createServer(authority.issue(["127.0.0.1"]), (request, response) => {
      this.#review(request).then(
        (answer) => response.writeHead(200, { "content-type": "application/json" }).end(JSON.stringify(answer)),
        () => response.writeHead(500).end(),
      );
    });
  }

  readonly #ca: string;

  /** Resolves when the API server asks it. */
  static async start(client: KubeClient, options: WebhookOptions = {}): Promise<PodIdentityWebhook> {
    const webhook = new PodIdentityWebhook(client, options);
    await new Promise<void>((resolve) => webhook.#server.listen(0, "127.0.0.1", resolve));
    await client.apply(`${CONFIGURATIONS}/${NAME}`, webhook.#configuration());
    const deadline = Date.now() + START_MS;
    while (webhook.#reviews === 0) {
      if (Date.now() > deadline) throw new Error("the API server does not ask the webhook");
      await client.request("POST", "/api/v1/namespaces/default/pods", { query: { dryRun: "All" }, body: PROBE });
      await new Promise((resolve) => setTimeout(resolve, 50));
    }
    return webhook;
  }

  /** Nobody answers any more, and the configuration stays: new pods are left as they are. */
  async goDown(): Promise<void> {
    this.#server.closeAllConnections();
    await new Promise<void>((resolve) => this.#server.close(() => resolve()));
  }

  async stop(): Promise<void> {
    await this.#client.request("DELETE", `${CONFIGURATIONS}/${NAME}`);
    await this.goDown();
  }

  /** Its names are those of EKS. */
  #configuration(): AnyObject {
    const at = this.#server.address();
    const port = typeof at === "object" && at !== null ? at.port : 0;
    const rule = { operations: ["CREATE"], apiGroups: [""], apiVersions: ["v1"], resources: ["pods"] };
    const skip = { key: "eks.amazonaws.com/skip-pod-identity-webhook", operator: "DoesNotExist" };
    return {
      apiVersion: "admissionregistration.k8s.io/v1",
      kind: "MutatingWebhookConfiguration",
      metadata: { name: NAME },
      webhooks: [
        {
          name: "iam-for-pods.amazonaws.com",
          failurePolicy: "Ignore",
          clientConfig: {
            url: `https://127.0.0.1:${port}/mutate`,
            caBundle: Buffer.from(this.#ca).toString("base64"),
          },
          objectSelector: { matchExpressions: [skip] },
          rules: [rule],
          sideEffects: "None",
          admissionReviewVersions: ["v1"],
        },
      ],
    };
  }

  async #review(message: IncomingMessage): Promise<AnyObject> {
    this.#reviews += 1;
    const chunks: Buffer[] = [];
    for await (const chunk of message) chunks.push(chunk as Buffer);
    const { apiVersion, kind, request } = JSON.parse(Buffer.concat(chunks).toString("utf8"));
    const { uid, namespace, object } = request;
    const name = object.spec.serviceAccountName ?? "default";
    const account = await this.#client.get(`/api/v1/namespaces/${namespace}/serviceaccounts/${name}`);
    const patch = mutationOf(object, {
      serviceAccount: account.status === 200 ? account.body : undefined,
      associated: (await this.#options.associated?.(namespace, name)) ?? false,
      region: this.#options.region ?? "us-east-1",
    });
    const changed = {
      patchType: "JSONPatch",
      patch: Buffer.from(JSON.stringify(patch ?? [])).toString("base64"),
    };
    return { apiVersion, kind, response: { uid, allowed: true, ...(patch === undefined ? {} : changed) } };
  }
}

const PROBE = {
  apiVersion: "v1",
  kind: "Pod",
  metadata: { name: "pod-identity-webhook-probe" },
  spec: { containers: [{ name: "probe", image: "none" }] },
};
