import { spawnSync } from "node:child_process";

import { expect, test } from "vitest";
import { stringify } from "yaml";

import { realExternalSecretsCrds } from "../bed/external-secrets.ts";
import { bedAddresses, liveCluster } from "../bed/live-cluster.ts";
import { externalSecrets } from "../contract/external-secrets.contract.ts";
import { eventually } from "../support/antfly.ts";
import { externalSecretsCrds } from "../support/crds/external-secrets.ts";
import type { AnyObject } from "../support/follow.ts";
import { externalSecret } from "../support/external-secrets/world.ts";
import { Person } from "../support/person.ts";
import { runBin } from "../support/run-bin.ts";
import { freshNamespace } from "../support/test-cluster.ts";

const DEFINITIONS = "/apis/apiextensions.k8s.io/v1/customresourcedefinitions";

externalSecrets(async () => {
  const { plane } = bedAddresses();
  return {
    cluster: await liveCluster(),
    crds: await realExternalSecretsCrds(),
    paste: async (line, cluster) => {
      const person = new Person({ tools: [plane.bin], kubeconfig: cluster.kubeconfig(), env: {} });
      await person.enters(line);
      person.leaves();
    },
  };
});

test("our own CRDs say of each field what the real ones say", async () => {
  const real = new Map((await realExternalSecretsCrds()).map((crd) => [crd.metadata.name, crd]));
  for (const ours of externalSecretsCrds()) {
    const theirs = real.get(ours.metadata.name);
    const versions = (crd: AnyObject): AnyObject[] =>
      crd.spec.versions.map(({ name, served, storage }: AnyObject) => ({ name, served, storage }));
    expect(versions(ours)).toEqual(versions(theirs));
    expect(ours.spec.scope).toBe(theirs.spec.scope);
    const schemaOf = (crd: AnyObject): AnyObject => crd.spec.versions[0].schema.openAPIV3Schema;
    expectPart(schemaOf(ours), schemaOf(theirs), ours.metadata.name);
  }
});

/** What ours has is so in the real one; ours leaves much out. */
function expectPart(ours: AnyObject, theirs: AnyObject, path: string): void {
  expect(theirs, path).toBeDefined();
  // Ours lets through what it has no interest in.
  if (ours["x-kubernetes-preserve-unknown-fields"] === true) return;
  expect(theirs.type, path).toBe(ours.type);
  expect(theirs.default, path).toEqual(ours.default);
  if (ours.enum !== undefined) expect(new Set(theirs.enum), path).toEqual(new Set(ours.enum));
  expect(theirs.required ?? [], path).toEqual(expect.arrayContaining(ours.required ?? []));
  for (const [name, part] of Object.entries<AnyObject>(ours.properties ?? {})) {
    if (path.includes("/") || (name !== "metadata" && name !== "apiVersion" && name !== "kind"))
      expectPart(part, theirs.properties?.[name], `${path}/${name}`);
  }
  if (ours.items !== undefined) expectPart(ours.items, theirs.items, `${path}/[]`);
}

test("kubectl's words for v1beta1, and for a webhook that is down, are those that why knows", async () => {
  const { plane } = bedAddresses();
  const cluster = await liveCluster();
  const { admin } = cluster;
  const namespace = await freshNamespace(cluster, "words");
  const crds = await realExternalSecretsCrds();
  for (const crd of crds) await admin.apply(`${DEFINITIONS}/${crd.metadata.name}`, crd, "helm");
  await eventually("its kinds are served", async () => {
    const { status } = await admin.get("/apis/external-secrets.io/v1/externalsecrets", { limit: "1" });
    return status === 200;
  });
  const apply = (object: AnyObject): string => {
    const args = [
      "apply",
      "-f",
      "-",
      "--server",
      cluster.url,
      "--token",
      plane.adminToken,
      "--insecure-skip-tls-verify",
    ];
    const { stderr } = spawnSync(`${plane.bin}/kubectl`, args, { input: stringify(object), encoding: "utf8" });
    return stderr;
  };
  const first = async (text: string): Promise<string> => {
    const { json } = await runBin(["why", "--error", "-", "-o", "json"], { stdin: text });
    return json.candidates[0]?.cause;
  };
  const old = apply(externalSecret(namespace, "v1beta1"));
  expect(old).toContain('no matches for kind "ExternalSecret" in version "external-secrets.io/v1beta1"');
  expect(old).toContain("ensure CRDs are installed first");
  expect(await first(old)).toBe("eso.api-version");

  const name = `externalsecret-validate-${namespace}`;
  const webhooks = "/apis/admissionregistration.k8s.io/v1/validatingwebhookconfigurations";
  const rule = { apiGroups: ["external-secrets.io"], apiVersions: ["v1"], operations: ["CREATE"] };
  await admin.must("POST", webhooks, {
    body: {
      apiVersion: "admissionregistration.k8s.io/v1",
      kind: "ValidatingWebhookConfiguration",
      metadata: { name },
      webhooks: [
        {
          name: "validate.externalsecret.external-secrets.io",
          failurePolicy: "Fail",
          sideEffects: "None",
          admissionReviewVersions: ["v1"],
          clientConfig: { service: { namespace, name: "external-secrets-webhook", path: "/validate" } },
          rules: [{ ...rule, resources: ["externalsecrets"] }],
          namespaceSelector: { matchLabels: { "kubernetes.io/metadata.name": namespace } },
        },
      ],
    },
  });
  // The API server takes a moment to learn of it; until then it would take the object.
  const words = await eventually("the webhook is asked", async () => {
    const said = apply(externalSecret(namespace));
    if (said === "")
      await admin.request(
        "DELETE",
        `/apis/external-secrets.io/v1/namespaces/${namespace}/externalsecrets/backup-credentials`,
      );
    return said !== "" && said;
  });
  expect(words).toContain('failed calling webhook "validate.externalsecret.external-secrets.io"');
  expect(await first(words)).toBe("eso.webhook-down");
  await admin.must("DELETE", `${webhooks}/${name}`);
  for (const crd of crds) await admin.request("DELETE", `${DEFINITIONS}/${crd.metadata.name}`);
  await cluster.stop();
});
