import { afterAll, beforeAll, describe, expect, test } from "vitest";

import { allReady, antflyCluster, create, eventually, podsOf, secretRef } from "../support/antfly.ts";
import { CANARY_ID, CANARY_SECRET, CANARY_SECRET_2 } from "../support/canaries.ts";
import type { AnyObject } from "../support/follow.ts";
import { NodeStandIn } from "../support/node/node.ts";
import { OperatorStandIn } from "../support/operator/operator.ts";
import { runBin, type BinRun } from "../support/run-bin.ts";
import { freshNamespace, type TestCluster } from "../support/test-cluster.ts";

const KEYS = `AWS_ACCESS_KEY_ID=${CANARY_ID}\nAWS_SECRET_ACCESS_KEY=${CANARY_SECRET}\n`;

/** The first golden path, with the built bin, on whichever API server: missing Secret → init → healthy → stale pods. */
export function firstLight(start: () => Promise<TestCluster>): void {
  let cluster: TestCluster;
  let node: NodeStandIn;

  beforeAll(async () => {
    cluster = await start();
    node = await NodeStandIn.start(cluster.admin);
  });

  afterAll(async () => {
    await node.stop();
    await cluster.stop();
  });

  describe.each([1, 2] as const)("operator of generation %i", (generation) => {
    /** Another name for each: the same one in two namespaces is a finding of its own. */
    const SECRET = `backup-credentials-${generation}`;
    let operator: OperatorStandIn;
    let namespace: string;
    const doctor = (...args: string[]): Promise<BinRun> =>
      runBin(["doctor", "c1", "-o", "json", ...args], { kubeconfig: cluster.kubeconfig({ namespace }) });

    beforeAll(async () => {
      operator = await OperatorStandIn.start(cluster, generation);
      namespace = await freshNamespace(cluster, "light");
      await create(cluster.admin, antflyCluster(namespace, "c1", [secretRef(SECRET)]));
    });

    afterAll(() => operator.stop());

    test("a missing Secret is the one root cause, with the pods under it", async () => {
      await eventually("six pods in CreateContainerConfigError", async () => {
        const pods = await podsOf(cluster.admin, namespace);
        return pods.length === 6 && pods.every((pod) => waitingReason(pod) === "CreateContainerConfigError");
      });
      const { code, json } = await doctor();
      expect(code).toBe(3);
      expect(json.exitCode).toBe(3);
      const roots = json.results.filter((result: AnyObject) => result.rootCause);
      expect(roots.map((result: AnyObject) => result.code)).toEqual(["ANT0201"]);
      const [finding] = roots[0].findings;
      expect(finding.cause).toBe("k8s.secret-missing");
      expect(finding.subject).toEqual({ kind: "Secret", namespace, name: SECRET });
      const pods = finding.evidence.filter((item: AnyObject) => item.label.startsWith("pod "));
      expect(pods.map((item: AnyObject) => item.label).sort()).toEqual(names(6).map((name) => `pod ${name}`));
      expect(pods[0].has).toBe(`CreateContainerConfigError: secret "${SECRET}" not found`);
      expect(json.targets[0].operator.generation).toBe(generation);
    });

    test("the fix goes to the context that was chosen", async () => {
      const fixOf = (run: BinRun): string =>
        run.json.results.find((result: AnyObject) => result.rootCause).findings[0].fixes[0].text;
      const fix = `antfly-creds init secret c1 -n ${namespace} --secret-name ${SECRET}`;
      expect(fixOf(await doctor())).toBe(fix);
      expect(fixOf(await doctor("--context", "test"))).toBe(`${fix} --context test`);
    });

    test("init secret writes it, the pods heal, and doctor finds nothing", async () => {
      const init = await runBin(
        ["init", "secret", "c1", "--from-env-file", "keys.env", "--region", "us-east-1", "--yes"],
        {
          kubeconfig: cluster.kubeconfig({ namespace }),
          files: { "keys.env": KEYS },
        },
      );
      expect(init.stderr).toContain(`done: create Secret ${namespace}/${SECRET}`);
      expect(init.code).toBe(0);
      await eventually("six ready pods", async () => allReady(await podsOf(cluster.admin, namespace), 6));
      expect((await doctor()).code).toBe(0);
      // Generation 1 sees the Secret's content at its next reconcile, and replaces the pods once more.
      await eventually("doctor finds nothing", async () => {
        const { json } = await doctor();
        return json.results.every((result: AnyObject) => ["pass", "skip", "info"].includes(result.status));
      });
      const endpoint = await eventually("an endpoint in the environment", async () =>
        node.environmentOf(namespace, "c1-data-0", "antfly")?.get("AWS_ENDPOINT_URL"),
      );
      expect(endpoint).toBe("https://s3.us-east-1.amazonaws.com");
    });

    test("twice changes nothing", async () => {
      const before = await secretObject();
      const again = await runBin(
        ["init", "secret", "c1", "--from-env-file", "keys.env", "--region", "us-east-1", "--yes"],
        {
          kubeconfig: cluster.kubeconfig({ namespace }),
          files: { "keys.env": KEYS },
        },
      );
      expect(again.stderr).toContain("Nothing to change");
      expect(again.code).toBe(0);
      expect((await secretObject()).metadata.resourceVersion).toBe(before.metadata.resourceVersion);
    });

    test("hash equals the live annotations", async () => {
      // Generation 1 hashes contents, and the Secret came after the StatefulSets: a touch lets it reconcile.
      if (generation === 1) await touch();
      const wanted = generation === 1 ? "content" : "reference";
      const { json, code } = await eventually(`annotations with the ${wanted} hash`, async () => {
        const run = await runBin(["hash", "c1", "-o", "json"], { kubeconfig: cluster.kubeconfig({ namespace }) });
        return run.json.groups.every((group: AnyObject) => group.matches === wanted) && run;
      });
      expect(code).toBe(0);
      expect(json.groups.map((group: AnyObject) => group.group)).toEqual(["metadata", "data"]);
      for (const group of json.groups) expect(group.live).toBe(group[wanted]);
      // The template's hash comes first and the pods after it: a pod replaced late would be fresh in the next test.
      const hashes = new Set(json.groups.map((group: AnyObject) => group.live));
      await eventually("six ready pods of the new template", async () => {
        const pods = await podsOf(cluster.admin, namespace);
        return (
          allReady(pods, 6) && pods.every((pod) => hashes.has(pod.metadata.annotations?.["antfly.io/envfrom-hash"]))
        );
      });
      await eventually("doctor finds nothing", async () => (await doctor()).code === 0);
    });

    test("a value changed in place leaves exactly the pods stale that started before", async () => {
      await nextSecond();
      await cluster.admin.must("PATCH", `/api/v1/namespaces/${namespace}/secrets/${SECRET}`, {
        contentType: "application/merge-patch+json",
        body: { data: { AWS_SECRET_ACCESS_KEY: Buffer.from(CANARY_SECRET_2).toString("base64") } },
      });
      await nextSecond();
      // Two pods are replaced, and only those are fresh. Generation 1 would replace all of them if it reconciled.
      const fresh = generation === 1 ? [] : ["c1-data-1", "c1-metadata-2"];
      for (const pod of fresh) await replacePod(pod);
      // Nobody will replace these pods, so there is nothing to wait for.
      const { code, json } = await doctor("--wait", "10m");
      const stale = json.results.find((result: AnyObject) => result.code === "ANT0701");
      const [finding] = stale.findings;
      expect(finding.cause).toBe("k8s.stale-pod-env");
      const pods = finding.evidence
        .filter((item: AnyObject) => item.label.startsWith("pod "))
        .map((item: AnyObject) => item.label.slice(4));
      expect(pods.sort()).toEqual(names(6).filter((name) => !fresh.includes(name)));
      // Generation 1 stamped its pods with the old content: that proves it. Generation 2 leaves a doubt.
      expect(stale.status).toBe(generation === 1 ? "fail" : "warn");
      expect(code).toBe(generation === 1 ? 3 : 0);
    });

    test("the printed fix heals the stale pods", async () => {
      if (generation === 1) await touch();
      else for (const name of names(6)) await replacePod(name);
      await eventually("doctor finds nothing", async () => (await doctor("--fail-on", "warning")).code === 0, 60_000);
    });

    function names(total: number): string[] {
      return ["data", "metadata"].flatMap((group) => Array.from({ length: total / 2 }, (_, i) => `c1-${group}-${i}`));
    }

    function secretObject(): Promise<AnyObject> {
      return cluster.admin.must("GET", `/api/v1/namespaces/${namespace}/secrets/${SECRET}`);
    }

    async function touch(): Promise<void> {
      await cluster.admin.must("PATCH", `/apis/antfly.io/v1/namespaces/${namespace}/antflyclusters/c1`, {
        contentType: "application/merge-patch+json",
        body: { metadata: { annotations: { "antfly-creds/touched": String(Date.now()) } } },
      });
    }

    async function replacePod(name: string): Promise<void> {
      const path = `/api/v1/namespaces/${namespace}/pods/${name}`;
      const { uid } = (await cluster.admin.must("GET", path)).metadata;
      await cluster.admin.must("DELETE", path);
      await eventually(`a new ${name}`, async () => {
        const { status, body } = await cluster.admin.get(path);
        return status === 200 && body.metadata.uid !== uid && body.status?.containerStatuses?.[0]?.ready === true;
      });
    }
  });
}

function waitingReason(pod: AnyObject): string | undefined {
  return pod.status?.containerStatuses?.[0]?.state?.waiting?.reason;
}

/** Kubernetes keeps whole seconds; a change in the same second as a start leaves a doubt. */
function nextSecond(): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, 1_100));
}
