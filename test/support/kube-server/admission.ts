import { randomUUID } from "node:crypto";
import { request as httpsRequest } from "node:https";

import type { AnyObject } from "../follow.ts";
import type { Api } from "./api.ts";
import { ApiError } from "./errors.ts";
import { apiVersionOf, type Kind } from "./kinds.ts";
import { jsonPatch } from "./patch.ts";

const DEFAULT_SECONDS = 10;

/**
 * The object that is to be created after the mutating webhooks have seen it, as kube-apiserver asks them: by rules and by
 * labels, in the order of their configurations' names. What a webhook refuses is not refused here.
 * @throws ApiError when one cannot be reached whose policy is Fail
 */
export async function admitted(
  api: Api,
  kind: Kind,
  namespace: string,
  object: AnyObject,
  dryRun: boolean,
): Promise<AnyObject> {
  const configurations = api.store.list(api.kind("mutatingwebhookconfigurations"));
  const hooks = configurations
    .toSorted((a, b) => (a.metadata.name < b.metadata.name ? -1 : 1))
    .flatMap((configuration) => configuration.webhooks ?? []);
  let current = object;
  for (const hook of hooks) {
    if (!(hook.rules ?? []).some((rule: AnyObject) => covers(rule, kind))) continue;
    if (!selected(hook.objectSelector, current?.metadata?.labels ?? {})) continue;
    try {
      const { apiVersion, kind: name } = { apiVersion: apiVersionOf(kind), kind: kind.kind };
      const review = await ask(hook, { ...current, apiVersion, kind: name }, namespace, dryRun);
      if (review.patch !== undefined)
        current = jsonPatch(current, JSON.parse(Buffer.from(review.patch, "base64").toString("utf8")));
    } catch (error) {
      if (hook.failurePolicy === "Ignore") continue;
      const why = `failed calling webhook "${hook.name}": failed to call webhook: ${String(error)}`;
      throw new ApiError(500, "InternalError", `Internal error occurred: ${why}`);
    }
  }
  return current;
}

function covers(rule: AnyObject, kind: Kind): boolean {
  const has = (values: readonly string[] = [], value: string): boolean =>
    values.includes("*") || values.includes(value);
  return (
    has(rule.operations, "CREATE") &&
    has(rule.apiGroups, kind.group) &&
    has(rule.apiVersions, kind.version) &&
    has(rule.resources, kind.resource)
  );
}

function selected(selector: AnyObject, labels: AnyObject): boolean {
  const { matchLabels = {}, matchExpressions = [] } = selector ?? {};
  return (
    Object.entries(matchLabels).every(([key, value]) => labels[key] === value) &&
    matchExpressions.every(({ key, operator, values = [] }: AnyObject) => {
      if (operator === "Exists") return key in labels;
      if (operator === "DoesNotExist") return !(key in labels);
      return values.includes(labels[key]) === (operator === "In");
    })
  );
}

function ask(hook: AnyObject, object: AnyObject, namespace: string, dryRun: boolean): Promise<AnyObject> {
  const { url, caBundle } = hook.clientConfig;
  if (url === undefined) return Promise.reject(new Error("no Service is reachable from here"));
  const body = JSON.stringify({
    apiVersion: "admission.k8s.io/v1",
    kind: "AdmissionReview",
    request: { uid: randomUUID(), operation: "CREATE", namespace, object, dryRun },
  });
  const options = {
    method: "POST",
    ca: Buffer.from(caBundle ?? "", "base64"),
    headers: { "content-type": "application/json", "content-length": Buffer.byteLength(body) },
    timeout: (hook.timeoutSeconds ?? DEFAULT_SECONDS) * 1000,
    agent: false,
  };
  return new Promise((resolve, reject) => {
    const request = httpsRequest(url, options, (response) => {
      const chunks: Buffer[] = [];
      response.on("data", (chunk: Buffer) => chunks.push(chunk));
      response.on("error", reject);
      response.on("end", () => {
        try {
          resolve(JSON.parse(Buffer.concat(chunks).toString("utf8")).response);
        } catch {
          reject(new Error(`the answer was no review (${response.statusCode})`));
        }
      });
    });
    request.on("timeout", () => request.destroy(new Error("context deadline exceeded")));
    request.on("error", reject);
    request.end(body);
  });
}
