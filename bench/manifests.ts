import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";

import { stringify } from "yaml";

import { antflyCluster, secretRef } from "../test/support/antfly.ts";

const LINE = "a line of a configuration file that is of no interest to anybody at all, really";

/** A folder of 1,000 manifests, 5 MB: 250 AntflyClusters in 20 namespaces, each with a Secret, a backup and a ConfigMap. */
export function writeManifests(folder: string): void {
  mkdirSync(folder);
  for (let i = 0; i < 250; i++) {
    const namespace = `team-${i % 20}`;
    const text = Array.from({ length: 210 }, (_, line) => `${line} ${LINE}`).join("\n");
    const objects = [
      antflyCluster(namespace, `c${i}`, [secretRef(`keys-${i}`)]),
      {
        apiVersion: "v1",
        kind: "Secret",
        metadata: { name: `keys-${i}`, namespace },
        stringData: {
          AWS_ACCESS_KEY_ID: `bench${String(i).padStart(15, "0")}`,
          AWS_SECRET_ACCESS_KEY: `${String(i).padStart(34, "0")}bench`,
          AWS_REGION: "us-east-1",
          AWS_ENDPOINT_URL: "https://minio.storage.svc:9000",
        },
      },
      {
        apiVersion: "antfly.io/v1",
        kind: "AntflyBackup",
        metadata: { name: `nightly-${i}`, namespace },
        spec: { clusterRef: { name: `c${i}` }, schedule: "0 2 * * *", destination: { location: `s3://backups/${i}` } },
      },
      { apiVersion: "v1", kind: "ConfigMap", metadata: { name: `settings-${i}`, namespace }, data: { text } },
    ];
    for (const object of objects) writeFileSync(join(folder, `${object.kind}-${i}.yaml`), stringify(object));
  }
}
