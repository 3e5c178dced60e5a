import fc from "fast-check";
import { expect, test } from "vitest";

import { classify, shapesOf } from "../../src/domain/values/classify.ts";
import { endpointKind } from "../../src/domain/values/endpoint.ts";

const bytes = (text: string): Uint8Array => Buffer.from(text, "utf8");
const SECRET = "wJalrXUtnFEMIK7MDENGbPxRfiCYzzzzzzzzzzzz";

test.each([
  ["AKIAQQQQQQQQQQQQQQQQ", []],
  [SECRET, []],
  ["a/b+c=d", []],
  ["https://minio.example.com:9000", []],
  ["us-east-1", []],
  ["", ["empty"]],
  ["secret\n", ["trailing-newline"]],
  ["secret\r\n", ["crlf"]],
  ["sec\rret", ["crlf"]],
  [" secret", ["leading-trailing-space"]],
  ["secret\t", ["leading-trailing-space"]],
  ["secret \n", ["trailing-newline", "leading-trailing-space"]],
  ["-n secret\n", ["echo-n-literal", "trailing-newline"]],
  ['"secret"', ["quotes"]],
  ["'secret'", ["quotes"]],
  ["se\0cret", ["nul"]],
  ["\ufeffsecret", ["bom-or-invisible"]],
  ["“secret”", ["bom-or-invisible"]],
  [Buffer.from("AKIAQQQQQQQQQQQQQQQQ").toString("base64"), ["double-base64"]],
  [Buffer.from(SECRET).toString("base64"), ["double-base64"]],
  [Buffer.from(`${SECRET}\n`).toString("base64"), ["double-base64"]],
  ["your-access-key", ["placeholder"]],
  ["<secret>", ["placeholder"]],
  ["${AWS_KEY}", ["placeholder"]],
  ["$AWS_SECRET", ["placeholder"]],
  ["$ecret123", []],
  ["$2y$10$abc", []],
  ["changeme", ["placeholder"]],
  ["AKIAIOSFODNN7EXAMPLE", ["placeholder"]],
  ["wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY", ["placeholder"]],
  ["GOOGABC123DEF456", ["placeholder"]],
  ["AKIAQQQQQQQQQQQQQQQQ,secret", ["csv-row"]],
  ["backup,AKIAQQQQQQQQQQQQQQQQ,secret", ["csv-row"]],
  ["Access key ID,Secret access key\nAKIAQQQQQQQQQQQQQQQQ,secret", ["line-break", "csv-row"]],
  ["a,b", []],
  ["AKIAQQQQQQQQQQQQQQQQ # nightly", ["trailing-comment"]],
  ["a#b", []],
  ["se%2Fcret%2b", ["percent-encoded"]],
  ["100%safe", []],
  ["https://minio.example.com/a%2Fb", []],
  ["se\\/cret", ["json-escaped"]],
  ['se\\"cret', ["json-escaped"]],
  ["se\\cret", []],
])("the shape of %j is %j", (text, shapes) => {
  expect(shapesOf(bytes(text))).toEqual(shapes);
});

test("bytes that are no UTF-8 are named so", () => {
  expect(shapesOf(new Uint8Array([0x41, 0xff, 0x42]))).toEqual(["non-utf8"]);
});

test.each([
  ["AKIAQQQQQQQQQQQQQQQQ", "aws-key-id"],
  ["ASIAQQQQQQQQQQQQQQQQ\n", "aws-temporary-key-id"],
  ['"GOOG1EQQQQQQQQQQQQQQ"', "gcs-hmac-id"],
  [SECRET, "secret"],
  ["0123456789abcdef0123456789abcdef01234567", undefined],
  ["AROAQQQQQQQQQQQQQQQQQ", "aws-other-id"],
  ['{"type": "service_account", "private_key": "…"}', "service-account-json"],
  ["minio", undefined],
])("whose credential %j is", (text, form) => {
  expect(classify("AWS_ACCESS_KEY_ID", bytes(text), () => "f").form).toBe(form);
});

test.each([
  ["https://s3.us-east-1.amazonaws.com", { scheme: "https", host: "aws" }],
  ["https://s3.cn-north-1.amazonaws.com.cn", { scheme: "https", host: "aws" }],
  ["https://storage.googleapis.com", { scheme: "https", host: "gcs" }],
  ["http://localhost:9000", { scheme: "http", host: "localhost" }],
  ["minio:9000", { scheme: "none", host: "other" }],
  ["http://minio.storage.svc.cluster.local:9000", { scheme: "http", host: "in-cluster" }],
  ["s3://bucket", { scheme: "other", host: "other" }],
  ["https://user:word@minio.example.com", { scheme: "https", host: "other", rest: "login" }],
  ["https://", { scheme: "https", host: "malformed" }],
  ["HTTPS://minio.example.com", { scheme: "other" }],
  ["https://s3.amazonaws.com", { host: "aws", region: undefined, partition: "aws", firstLabel: "" }],
  ["https://s3-us-west-2.amazonaws.com", { host: "aws", region: "us-west-2", firstLabel: "s3-us-west-2" }],
  ["https://s3-fips.dualstack.us-gov-west-1.amazonaws.com", { host: "aws", region: "us-gov-west-1" }],
  [
    "https://vpce-1a-2b.s3.us-east-1.vpce.amazonaws.com",
    { host: "aws", region: "us-east-1", firstLabel: "vpce-1a-2b" },
  ],
  ["https://backups.s3.eu-west-1.amazonaws.com", { host: "aws", region: "eu-west-1", firstLabel: "backups" }],
  ["https://store-1.elb.us-east-1.amazonaws.com", { host: "other", region: undefined, partition: undefined }],
  ["https://ec2-192-0-2-1.compute-1.amazonaws.com:9000", { host: "other", wrongService: undefined }],
  ["https://sts.us-east-1.amazonaws.com", { host: "other", wrongService: "another service of AWS" }],
  ["https://s3-website-us-east-1.amazonaws.com", { wrongService: "a bucket's web site" }],
  ["https://minio.example.com/", { rest: "slash" }],
  ["https://minio.example.com/backups", { rest: "path" }],
  ["https://amazonaws.com.evil.example", { scheme: "https", host: "other" }],
])("what the endpoint %j points to", (text, kind) => {
  expect(endpointKind(text)).toMatchObject(kind);
});

test("facts of a value never hold the value", () => {
  fc.assert(
    fc.property(fc.string({ minLength: 6, unit: "binary" }), (text) => {
      const facts = classify("AWS_SECRET_ACCESS_KEY", bytes(text), () => "fingerprint");
      fc.pre(!"fingerprint".includes(text));
      expect(Object.values(facts)).not.toContain(text);
    }),
  );
});

test("judging any bytes ends, and ends without an error", () => {
  fc.assert(fc.property(fc.uint8Array({ maxLength: 4096 }), (value) => Array.isArray(shapesOf(value))));
});
