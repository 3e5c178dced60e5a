import { expect, test } from "vitest";

import { parseManifests } from "../../src/collect/inputs/documents.ts";
import { FilesReader } from "../../src/collect/inputs/files-reader.ts";
import { OverlayReader } from "../../src/collect/inputs/overlay-reader.ts";
import { Redactor } from "../../src/domain/redact.ts";
import { ANTFLY_CLUSTER } from "../../src/domain/resources.ts";
import type { KubeObject, Reader } from "../../src/ports.ts";

const CONDITIONS = [
  { type: "ConfigurationValid", status: "False" },
  { type: "SecretsReady", status: "Unknown" },
];

/** The AntflyCluster of a file with this spec, laid over one of the cluster with that. */
async function laid(spec: object, there: object): Promise<KubeObject> {
  const object = {
    apiVersion: "antfly.io/v1",
    kind: "AntflyCluster",
    metadata: { name: "c1", namespace: "production" },
  };
  const { documents } = parseManifests("all.yaml", JSON.stringify({ ...object, spec }));
  const files = new FilesReader(documents, {
    namespace: "production",
    assumeAbsent: false,
    kubernetesMinor: 36,
    redactor: new Redactor(),
  });
  const live = { ...object, spec: there, status: { conditions: CONDITIONS } };
  const cluster = { list: () => Promise.resolve([live]) } as unknown as Reader;
  const [found] = await new OverlayReader(files, cluster).list(ANTFLY_CLUSTER, "production");
  return found ?? {};
}

test("what the operator says of the spec holds while the file says the same, defaults apart", async () => {
  const envFrom = [{ secretRef: { name: "keys" } }];
  const found = await laid({ config: "", dataNodes: { envFrom } }, { config: "", dataNodes: { envFrom, replicas: 3 } });
  expect(found["status"]).toEqual({ conditions: CONDITIONS });
});

test("it says nothing of a spec that the file changes, and the other conditions stay", async () => {
  const found = await laid({ config: "{}" }, { config: "" });
  expect(found["spec"]).toEqual({ config: "{}" });
  expect(found["status"]).toEqual({ conditions: [CONDITIONS[1]] });
});
