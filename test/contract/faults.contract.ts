import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { stringify } from "yaml";

import { allReady, antflyCluster, create, eventually, podsOf, secret, secretRef } from "../support/antfly.ts";
import { CANARY_ID, CANARY_SECRET, CANARY_SECRET_2 } from "../support/canaries.ts";
import type { AnyObject } from "../support/follow.ts";
import { NodeStandIn, READY_DELAY } from "../support/node/node.ts";
import { OperatorStandIn } from "../support/operator/operator.ts";
import { runBin, type BinRun } from "../support/run-bin.ts";
import { freshNamespace, type TestCluster } from "../support/test-cluster.ts";

const VALUES = {
  AWS_ACCESS_KEY_ID: CANARY_ID,
  AWS_SECRET_ACCESS_KEY: CANARY_SECRET,
  AWS_REGION: "us-east-1",
  AWS_ENDPOINT_URL: "https://s3.us-east-1.amazonaws.com",
};
const OTHER = { ...VALUES, AWS_SECRET_ACCESS_KEY: CANARY_SECRET_2 };

/** A namespace with one AntflyCluster, c1, and what happens to it. */
interface Stage {
  readonly cluster: TestCluster;
  readonly namespace: string;
  readonly generation: 1 | 2;
}

/** One way in which a credential breaks inside Kubernetes (failure catalogue, 2.1 to 2.6). */
interface Fault {
  readonly name: string;
  /** The objects that were applied. */
  objects(namespace: string): readonly AnyObject[];
  /** Waits until what the objects come to is there, and breaks what breaks later. */
  happen?(stage: Stage): Promise<void>;
  /** `code cause`. */
  readonly finds: string;
  readonly status: "fail" | "warn";
  /** The same from the manifests alone; undefined where they do not show it. */
  readonly offline?: string;
}

const both =
  (...envFrom: readonly AnyObject[]) =>
  (namespace: string): AnyObject =>
    antflyCluster(namespace, "c1", envFrom, 1);

const FAULTS: readonly Fault[] = [
  {
    name: "the Secret is missing",
    objects: (ns) => [both(secretRef(`keys-of-${ns}`))(ns)],
    happen: waiting,
    finds: "ANT0201 k8s.secret-missing",
    status: "fail",
    offline: "ANT0201 k8s.secret-missing",
  },
  {
    name: "the Secret is in another namespace",
    objects: (ns) => [both(secretRef(`keys-of-${ns}`))(ns), secret("default", `keys-of-${ns}`, VALUES)],
    happen: waiting,
    finds: "ANT0201 k8s.secret-wrong-namespace",
    status: "fail",
    offline: "ANT0201 k8s.secret-wrong-namespace",
  },
  {
    name: "the Secret was deleted while the pods ran",
    // Some nodes go on: generation 1 replaces the last one first, and it never gets ready.
    objects: (ns) => [antflyCluster(ns, "c1", [secretRef(`keys-of-${ns}`)]), secret(ns, `keys-of-${ns}`, VALUES)],
    happen: async (stage) => {
      await ready(stage, 6);
      const { cluster, namespace } = stage;
      await cluster.admin.must("DELETE", `/api/v1/namespaces/${namespace}/secrets/keys-of-${namespace}`);
    },
    finds: "ANT0201 k8s.secret-deleted-while-running",
    status: "fail",
  },
  {
    name: "an optional reference hides that the Secret is missing",
    objects: (ns) => [both(secretRef(`keys-of-${ns}`, { optional: true }))(ns), backup(ns)],
    happen: ready,
    finds: "ANT0201 k8s.optional-ref-hides-missing",
    status: "fail",
    offline: "ANT0201 k8s.optional-ref-hides-missing",
  },
  {
    name: "a prefix renames the keys",
    objects: (ns) => [both({ prefix: "BACKUP_", ...secretRef("keys") })(ns), secret(ns, "keys", VALUES)],
    happen: ready,
    finds: "ANT0202 k8s.prefix-breaks-names",
    status: "fail",
    offline: "ANT0202 k8s.prefix-breaks-names",
  },
  {
    name: "the keys are spelt another way",
    objects: (ns) => [
      both(secretRef("keys"))(ns),
      secret(ns, "keys", { accessKey: CANARY_ID, secretKey: CANARY_SECRET, AWS_ENDPOINT_URL: VALUES.AWS_ENDPOINT_URL }),
    ],
    happen: ready,
    finds: "ANT0202 k8s.key-near-miss",
    status: "fail",
    offline: "ANT0202 k8s.key-near-miss",
  },
  {
    name: "the id of one Secret and the secret of another",
    objects: (ns) => [
      both(secretRef("keys"), secretRef("other"))(ns),
      secret(ns, "keys", VALUES),
      secret(ns, "other", { AWS_SECRET_ACCESS_KEY: CANARY_SECRET_2 }),
    ],
    happen: ready,
    finds: "ANT0205 k8s.collision-last-wins",
    status: "fail",
    offline: "ANT0205 k8s.collision-last-wins",
  },
  {
    name: "metadata and data nodes differ",
    objects: (ns) => {
      const cluster = both(secretRef("keys"))(ns);
      cluster["spec"].metadataNodes.envFrom = [secretRef("other")];
      return [cluster, secret(ns, "keys", VALUES), secret(ns, "other", OTHER)];
    },
    happen: ready,
    finds: "ANT0206 k8s.component-mismatch",
    status: "fail",
    offline: "ANT0206 k8s.component-mismatch",
  },
  {
    name: "a newline after the key",
    objects: (ns) => [
      both(secretRef("keys"))(ns),
      secret(ns, "keys", { ...VALUES, AWS_SECRET_ACCESS_KEY: `${CANARY_SECRET}\n` }),
    ],
    happen: ready,
    finds: "ANT0203 value.trailing-newline",
    status: "fail",
    offline: "ANT0203 value.trailing-newline",
  },
  {
    name: "a temporary key without its token",
    objects: (ns) => [
      both(secretRef("keys"))(ns),
      secret(ns, "keys", { ...VALUES, AWS_ACCESS_KEY_ID: CANARY_ID.replace("AKIA", "ASIA") }),
    ],
    happen: ready,
    finds: "ANT0212 aws.asia-without-token",
    status: "fail",
    offline: "ANT0212 aws.asia-without-token",
  },
  {
    name: "a value changed in place: the pods are stale",
    objects: (ns) => [both(secretRef("keys"))(ns), secret(ns, "keys", VALUES)],
    happen: async (stage) => {
      await ready(stage);
      await seconds(1.1);
      await stage.cluster.admin.must("PATCH", `/api/v1/namespaces/${stage.namespace}/secrets/keys`, {
        contentType: "application/merge-patch+json",
        body: { data: { AWS_SECRET_ACCESS_KEY: Buffer.from(CANARY_SECRET_2).toString("base64") } },
      });
    },
    finds: "ANT0701 k8s.stale-pod-env",
    // Generation 1 stamped its pods with the old content, which proves it; generation 2 leaves a doubt.
    status: "warn",
  },
  {
    name: "the Secret is immutable",
    objects: (ns) => [both(secretRef("keys"))(ns), { ...secret(ns, "keys", VALUES), immutable: true }],
    happen: ready,
    finds: "ANT0211 k8s.secret-immutable",
    status: "warn",
    offline: "ANT0211 k8s.secret-immutable",
  },
  {
    name: "the Secret was made by External Secrets, which is not installed any more",
    objects: (ns) => {
      const made = secret(ns, "keys", VALUES);
      const labels = { "reconcile.external-secrets.io/managed": "true" };
      return [both(secretRef("keys"))(ns), { ...made, metadata: { ...made["metadata"], labels } }];
    },
    happen: ready,
    finds: "ANT0501 eso.not-installed",
    status: "warn",
  },
  ...(
    [
      [
        "Helm",
        { annotations: { "meta.helm.sh/release-name": "search" }, labels: { "app.kubernetes.io/managed-by": "Helm" } },
      ],
      ["Argo CD", { annotations: { "argocd.argoproj.io/tracking-id": "search:/Secret:a/keys" } }],
    ] as const
  ).map(([tool, metadata]): Fault => ({
    name: `the Secret is owned by ${tool}`,
    objects: (ns) => {
      const owned = secret(ns, "keys", VALUES);
      return [both(secretRef("keys"))(ns), { ...owned, metadata: { ...owned["metadata"], ...metadata } }];
    },
    happen: ready,
    finds: "ANT0808 k8s.managed-by-other",
    status: "warn",
    offline: "ANT0808 k8s.managed-by-other",
  })),
  {
    name: "kubectl apply left the values in an annotation",
    objects: (ns) => {
      const applied = secret(ns, "keys", VALUES);
      const annotations = { "kubectl.kubernetes.io/last-applied-configuration": JSON.stringify(applied) };
      return [both(secretRef("keys"))(ns), { ...applied, metadata: { ...applied["metadata"], annotations } }];
    },
    happen: ready,
    finds: "ANT0810 k8s.last-applied-leak",
    status: "warn",
    offline: "ANT0810 k8s.last-applied-leak",
  },
  {
    name: "kubectl rollout restart is erased by the operator",
    objects: (ns) => [antflyCluster(ns, "c1", [secretRef("keys")], 3), secret(ns, "keys", VALUES)],
    happen: async (stage) => {
      await ready(stage, 6);
      await seconds(6.5);
      await restarted(stage);
      await ready(stage, 6);
    },
    finds: "ANT0704 antfly.rollout-restart-reverted",
    status: "warn",
  },
];

/** Every fault, on whichever API server and both generations of the operator, and again from its manifests alone. */
export function faultsContract(start: () => Promise<TestCluster>): void {
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
    let operator: OperatorStandIn;
    beforeAll(async () => {
      operator = await OperatorStandIn.start(cluster, generation);
    });
    afterAll(() => operator.stop());

    describe.concurrent("names first", () => {
      test.each(FAULTS)("$name", async (fault) => {
        const namespace = await freshNamespace(cluster, "fault");
        // Generation 1 replaces its pods once more when a Secret comes later.
        const objects = fault.objects(namespace).toSorted((a, b) => b["kind"].localeCompare(a["kind"]));
        for (const object of objects) await create(cluster.admin, object);
        await fault.happen?.({ cluster, namespace, generation });
        const { finds } = fault;
        let found = "";
        const run = await eventually(finds, async () => {
          const tried = await doctor(namespace);
          found = firstOf(tried);
          return found === finds && tried;
        }).catch((error: unknown) => {
          throw new Error(`${finds}, but ${found}`, { cause: error });
        });
        const status = finds.includes("stale-pod-env") && generation === 1 ? "fail" : fault.status;
        expect(run.code).toBe(status === "fail" ? 3 : 0);
        // Nothing else is called a root cause.
        const roots = run.json.results.filter((result: AnyObject) => result.rootCause);
        expect(roots.map((result: AnyObject) => result.code)).toEqual(status === "fail" ? [finds.split(" ")[0]] : []);
      });
    });
  });

  describe.concurrent("from the manifests alone, with lines", () => {
    test.each(FAULTS.filter(({ offline }) => offline !== undefined))("$name", async (fault) => {
      const text = fault
        .objects("production")
        .map((object) => stringify(object))
        .join("---\n");
      const run = await runBin(["validate", "all.yaml", "--assume-absent", "--skip", "ANT0802", "-o", "json"], {
        files: { "all.yaml": text },
      });
      expect(firstOf(run)).toBe(fault.offline);
      const [finding] = firstResult(run).findings;
      expect(finding.location).toMatchObject({ file: "all.yaml" });
      expect(finding.location.line).toBeGreaterThan(1);
      expect(run.code).toBe(fault.status === "fail" ? 3 : 0);
    });
  });

  function doctor(namespace: string): Promise<BinRun> {
    return runBin(["doctor", "c1", "-o", "json"], { kubeconfig: cluster.kubeconfig({ namespace }) });
  }
}

/** The result that people read first: root causes, other failures, warnings. */
function firstResult({ json }: BinRun): AnyObject {
  const rank = ({ status, rootCause }: AnyObject): number => (status === "fail" ? (rootCause ? 0 : 1) : 2);
  const told = json.results.filter(({ status }: AnyObject) => status === "fail" || status === "warn");
  return told.sort((a: AnyObject, b: AnyObject) => rank(a) - rank(b))[0] ?? { findings: [] };
}

function firstOf(run: BinRun): string {
  const { code, findings } = firstResult(run);
  return `${code} ${findings[0]?.cause}`;
}

function backup(namespace: string): AnyObject {
  return {
    apiVersion: "antfly.io/v1",
    kind: "AntflyBackup",
    metadata: { name: "nightly", namespace },
    spec: { clusterRef: { name: "c1" }, schedule: "0 2 * * *", destination: { location: "s3://backups/nightly" } },
  };
}

async function waiting({ cluster, namespace }: Stage): Promise<void> {
  await eventually("two pods that wait", async () => {
    const pods = await podsOf(cluster.admin, namespace);
    const reasons = pods.map((pod) => pod["status"]?.containerStatuses?.[0]?.state?.waiting?.reason);
    return reasons.length === 2 && reasons.every((reason) => reason === "CreateContainerConfigError");
  });
}

async function ready({ cluster, namespace }: Stage, count = 2): Promise<void> {
  await eventually(`${count} ready pods`, async () => allReady(await podsOf(cluster.admin, namespace), count));
}

/** As `kubectl rollout restart` does it, until a pod was replaced before the operator took the mark away. */
async function restarted({ cluster: { admin }, namespace }: Stage): Promise<void> {
  const url = `/apis/apps/v1/namespaces/${namespace}/statefulsets/c1-data`;
  const uids = async (): Promise<string[]> => (await podsOf(admin, namespace)).map((pod) => pod["metadata"].uid);
  const before = await uids();
  await eventually("a pod that the restart replaced", async () => {
    // A new pod is not ready at once, so the operator comes before the last one is replaced.
    const annotations = { "kubectl.kubernetes.io/restartedAt": new Date().toISOString(), [READY_DELAY]: "3000" };
    await admin.must("PATCH", url, {
      contentType: "application/strategic-merge-patch+json",
      body: { spec: { template: { metadata: { annotations } } } },
    });
    await eventually("the operator takes the mark away", async () => {
      const { spec } = await admin.must("GET", url);
      return spec.template.metadata.annotations?.["kubectl.kubernetes.io/restartedAt"] === undefined;
    });
    return (await uids()).some((uid) => !before.includes(uid));
  });
}

/** Kubernetes keeps whole seconds: a change in the second of a start leaves a doubt, and pods that start together differ. */
function seconds(n: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, n * 1_000));
}
