import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { stringify } from "yaml";

import { antflyCluster, eventually, secretRef } from "../support/antfly.ts";
import type { AnyObject } from "../support/follow.ts";
import { SYNC_FAULTS } from "../support/external-secrets/faults.ts";
import { CLUSTER, externalSecret, SECRET, SyncWorld, type Paste } from "../support/external-secrets/world.ts";
import { shown, toldFirst } from "../support/mending/fault.ts";
import { NodeStandIn } from "../support/node/node.ts";
import { OperatorStandIn } from "../support/operator/operator.ts";
import { runBin } from "../support/run-bin.ts";
import { freshNamespace, userWith, type TestCluster } from "../support/test-cluster.ts";

const DEFINITIONS = "/apis/apiextensions.k8s.io/v1/customresourcedefinitions";
const GROUP = "/apis/external-secrets.io";

export interface ExternalSecretsBed {
  readonly cluster: TestCluster;
  readonly crds: readonly AnyObject[];
  readonly paste: Paste;
}

/**
 * The table of the failure catalogue about External Secrets, row by row: broken, `doctor` names the cause first; what is
 * printed is done, and all is well. The controller is a stand-in.
 */
export function externalSecrets(start: () => Promise<ExternalSecretsBed>): void {
  let bed: ExternalSecretsBed;
  let node: NodeStandIn;
  let operator: OperatorStandIn;
  let planned: string;
  let world: SyncWorld;

  beforeAll(async () => {
    bed = await start();
    planned = await freshNamespace(bed.cluster, "planned");
    node = await NodeStandIn.start(bed.cluster.admin);
    operator = await OperatorStandIn.start(bed.cluster, 2);
  });

  afterAll(async () => {
    await operator.stop();
    await node.stop();
    // Others use the same control plane, and have no External Secrets.
    for (const { metadata } of bed.crds) await bed.cluster.admin.request("DELETE", `${DEFINITIONS}/${metadata.name}`);
    await bed.cluster.stop();
  });

  const definitions = async (): Promise<void> => {
    const { admin } = bed.cluster;
    for (const crd of bed.crds) await admin.apply(`${DEFINITIONS}/${crd.metadata.name}`, crd, "helm");
    await eventually("its kinds are served", async () => {
      const paths = ["externalsecrets", "secretstores", "clustersecretstores"];
      const answers = await Promise.all(paths.map((path) => admin.get(`${GROUP}/v1/${path}`, { limit: "1" })));
      return answers.every(({ status }) => status === 200);
    });
  };

  /** Manifests in Git, over what the cluster has. */
  const preflight = async (version: string): Promise<AnyObject> => {
    const nodes = { replicas: 1, resources: { limits: {} }, envFrom: [secretRef(SECRET)] };
    const cluster = antflyCluster(planned, "planned", [secretRef(SECRET)], 1);
    const files = [{ ...cluster, spec: { ...cluster.spec, dataNodes: nodes } }, externalSecret(planned, version)];
    const args = ["preflight", ".", "--only", "ANT0501", "-o", "json"];
    const { json } = await runBin(args, {
      kubeconfig: bed.cluster.kubeconfig({ namespace: planned }),
      files: { "all.yaml": files.map((one) => stringify(one)).join("---\n") },
    });
    return json;
  };

  test("eso.not-installed: manifests over a cluster without External Secrets", async () => {
    expect((await bed.cluster.admin.get(GROUP)).status).toBe(404);
    const refused = await preflight("v1");
    expect(toldFirst(refused, false), shown(refused)).toEqual(["ANT0501 eso.not-installed"]);
    expect(refused.exitCode).toBe(3);
  });

  describe("installed", () => {
    beforeAll(async () => {
      await definitions();
      world = await SyncWorld.start(bed.cluster);
    });

    test("discovery names the version that is served", async () => {
      const { body } = await bed.cluster.admin.get(GROUP);
      expect(body.kind).toBe("APIGroup");
      expect(body.preferredVersion.version).toBe("v1");
      expect(body.versions.map(({ version }: AnyObject) => version)).toEqual(["v1"]);
    });

    test("v1beta1 is refused, and preflight says so", async () => {
      const path = `${GROUP}/v1beta1/namespaces/${planned}/externalsecrets`;
      const body = externalSecret(planned, "v1beta1");
      const { status } = await bed.cluster.admin.request("POST", path, { body });
      expect(status).toBe(404);
      const refused = await preflight("v1beta1");
      expect(toldFirst(refused, false), shown(refused)).toEqual(["ANT0501 eso.api-version"]);
      expect(refused.exitCode).toBe(3);
      const taken = await preflight("v1");
      expect(toldFirst(taken, false), shown(taken)).toEqual([]);
    });

    test("what is whole passes", async () => {
      const { json, code } = await world.doctor("--fail-on", "warning");
      expect([...toldFirst(json, false), ...toldFirst(json, true)], shown(json)).toEqual([]);
      expect(code).toBe(0);
      for (const number of ["ANT0501", "ANT0502", "ANT0503", "ANT0504", "ANT0505", "ANT0506"])
        expect(json.results.find((one: AnyObject) => one.code === number).status, number).toBe("pass");
    });

    test("its printed Role reads External Secrets, and of Secrets the store's own", async () => {
      const args = ["permissions", CLUSTER, "--optional", "-o", "json"];
      const { json } = await world.tool(args);
      const rules = json.documents.flatMap((document: AnyObject) => document.rules);
      const of = (resource: string): AnyObject => rules.find((one: AnyObject) => one.resources?.includes(resource));
      expect(of("externalsecrets").verbs).toEqual(["list"]);
      expect(of("secretstores").verbs).toEqual(["list"]);
      const named = rules.flatMap((one: AnyObject) =>
        one.resources?.includes("secrets") ? (one.resourceNames ?? []) : [],
      );
      expect(named).toEqual(expect.arrayContaining([SECRET, "store-keys"]));
    });

    test.each(SYNC_FAULTS)("$name: $finds", async ({ breaks, finds, warns, byHand, unseen }) => {
      await world.restores();
      await breaks(world);
      if (unseen !== true) await world.controller.works();
      const { json, code } = await world.doctor("--fail-on", warns === true ? "warning" : "error");
      const told = toldFirst(json, warns === true);
      if (warns === true) expect(told, shown(json)).toContain(finds);
      else expect(told, shown(json)).toEqual([finds]);
      expect(code).toBe(warns === true ? 4 : 3);
      const [number = "", cause = ""] = finds.split(" ");
      const found = json.results
        .find((one: AnyObject) => one.code === number)
        .findings.find((one: AnyObject) => one.cause === cause);
      const commands = found.fixes.filter(({ kind, safe }: AnyObject) => kind === "command" && !safe);
      // An editor is for a person; what to change stands before it.
      const pasted = commands.filter(({ text }: AnyObject) => !/^kubectl edit |=arn:aws:iam::ACCOUNT/.test(text));
      expect(pasted.length + (byHand === undefined ? 0 : 1), shown(json)).toBeGreaterThan(0);
      const creates = pasted.filter(({ text }: AnyObject) => text.startsWith("kubectl create "));
      for (const { text } of creates) await bed.paste(text, bed.cluster);
      await byHand?.(world);
      for (const { text } of pasted) if (!text.startsWith("kubectl create ")) await bed.paste(text, bed.cluster);
      await world.controller.works();
      let last = json;
      await eventually("it is whole again", async () => {
        last = (await world.doctor()).json;
        const again = [...toldFirst(last, false), ...toldFirst(last, true)];
        return last.exitCode === 0 && !again.includes(finds);
      }).catch((error: unknown) => expect.fail(`${String(error)}\n${JSON.stringify(found.fixes)}\n${shown(last)}`));
    });

    test("a Secret that cannot be made is told under what keeps it from being made, and nobody is to make it by hand", async () => {
      const { admin } = bed.cluster;
      await world.restores();
      world.controller.provider.entries.clear();
      await admin.must("DELETE", world.core("secrets", SECRET));
      await world.controller.works();
      const { json } = await world.doctor();
      expect(toldFirst(json, false), shown(json)).toEqual(["ANT0503 eso.remote-missing"]);
      const missing = json.results.find((one: AnyObject) => one.code === "ANT0201");
      expect(missing.status).toBe("blocked");
      expect(missing.blockedBy).toEqual(["ANT0503"]);
      expect(JSON.stringify(json)).not.toContain("init secret");
      await world.restores();
    });

    test("what was said before the last sync is history", async () => {
      world.controller.provider.entries.clear();
      await world.controller.works();
      await world.restores();
      const { json, code } = await world.doctor();
      expect(toldFirst(json, false), shown(json)).toEqual([]);
      expect(code).toBe(0);
    });

    test("eso.webhook-down: its service has no endpoint that is ready", async () => {
      const { admin } = bed.cluster;
      const { namespace } = world;
      const name = `externalsecret-validate-${namespace}`;
      const service = { namespace, name: "external-secrets-webhook", path: "/validate" };
      const rule = { apiGroups: ["external-secrets.io"], apiVersions: ["v1"], operations: ["CREATE", "UPDATE"] };
      await admin.must("POST", "/apis/admissionregistration.k8s.io/v1/validatingwebhookconfigurations", {
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
              clientConfig: { service },
              rules: [{ ...rule, resources: ["externalsecrets"] }],
              namespaceSelector: { matchLabels: { "kubernetes.io/metadata.name": namespace } },
            },
          ],
        },
      });
      // Nothing that the ExternalSecret is asked for now reaches the provider.
      world.controller.provider.entries.clear();
      await world.controller.works();
      const down = await world.doctor("--fail-on", "warning");
      expect(toldFirst(down.json, true), shown(down.json)).toContain("ANT0501 eso.webhook-down");
      await admin.must("DELETE", `/apis/admissionregistration.k8s.io/v1/validatingwebhookconfigurations/${name}`);
      const gone = await world.doctor("--fail-on", "warning");
      expect(toldFirst(gone.json, true)).not.toContain("ANT0501 eso.webhook-down");
      await world.restores();
    });

    test("who may not list ExternalSecrets is told so, and nothing of them passes", async () => {
      const token = await userWith(bed.cluster, world.namespace, "reader", [
        { apiGroups: ["antfly.io"], resources: ["*"], verbs: ["get", "list"] },
        { apiGroups: [""], resources: ["secrets", "configmaps", "pods", "serviceaccounts"], verbs: ["get", "list"] },
        { apiGroups: ["apps"], resources: ["*"], verbs: ["get", "list"] },
      ]);
      const kubeconfig = bed.cluster.kubeconfig({ namespace: world.namespace, token });
      const { json } = await runBin(["doctor", CLUSTER, "-o", "json"], { kubeconfig });
      const statusOf = (code: string): AnyObject => json.results.find((one: AnyObject) => one.code === code);
      expect(statusOf("ANT0502").status).toBe("unknown");
      expect(JSON.stringify(statusOf("ANT0502").unknown)).toContain("externalsecrets");
      for (const code of ["ANT0501", "ANT0503", "ANT0504", "ANT0505", "ANT0506"])
        expect(statusOf(code).status, code).not.toBe("pass");
      // The database does not depend on it: the Secret is there.
      expect(json.exitCode, shown(json)).toBe(0);
    });
  });
}
