import { expect, test } from "vitest";

import { shownEndpoint } from "../../src/domain/values/shown.ts";
import { whyOutOfReach } from "../../src/domain/values/reach.ts";

test.each([
  ["http://minio.storage.svc:9000", "name within the cluster"],
  ["http://minio.storage.svc.cluster.local:9000", "name within the cluster"],
  ["minio:9000", "name of a Service"],
  ["http://minio", "name of a Service"],
  ["http://localhost:9000", "is the pod itself"],
  ["http://127.0.0.1:9000", "is the pod itself"],
  ["http://[::1]:9000", "is the pod itself"],
  ["https://10.1.2.3", "private address"],
  ["https://172.16.0.1", "private address"],
  ["https://172.31.255.255:9000", "private address"],
  ["https://192.168.1.1", "private address"],
  ["https://100.64.0.1", "private address"],
  ["https://169.254.10.1", "private address"],
  ["https://[fd00::1]", "private address"],
  ["https://[fe80::1]", "private address"],
  ["https://store.internal", "name within the cluster"],
  ["https://bucket.vpce-1a2b.s3.eu-west-1.vpce.amazonaws.com", "within a VPC"],
  ["https://", "no URL"],
  ["http://bad host", "no URL"],
])("%s is not asked from here: %s", (endpoint, why) => {
  expect(whyOutOfReach(endpoint)).toContain(why);
});

test.each([
  "https://s3.eu-west-1.amazonaws.com",
  "https://storage.googleapis.com",
  "https://minio.example.com:9000",
  "minio.example.com",
  "https://172.32.0.1",
  "https://100.128.0.1",
  "https://11.0.0.1",
  "https://[2001:db8::1]:9000",
])("%s is", (endpoint) => {
  expect(whyOutOfReach(endpoint)).toBeUndefined();
});

test.each([
  ["https://minio.example.com:9000/", "https://minio.example.com:9000"],
  ["minio:9000", "minio:9000"],
  ["https://user:hunter22@minio.example.com/bucket", "https://minio.example.com"],
  ["cAnArY/sEcReT+q7x0000000000000000000001X", undefined],
  ["http://", undefined],
  [undefined, undefined],
])("of %s this is shown: %s", (endpoint, shown) => {
  expect(shownEndpoint(endpoint)).toBe(shown);
});
