import { execFileSync } from "node:child_process";

import fc from "fast-check";
import { expect, test } from "vitest";

import { CHECKS } from "../../src/checks/index.ts";
import { shell, shellWord } from "../../src/domain/shell.ts";
import { cluesOf } from "../../src/domain/why/clues.ts";
import { candidatesFor, candidatesInLog, symptomsIn, type Candidate } from "../../src/domain/why/match.ts";
import { LONGEST, onOneLine, prepare } from "../../src/domain/why/prepare.ts";
import { SYMPTOMS } from "../../src/domain/why/symptoms.ts";
import { ANTFLY } from "../support/why/antfly.ts";
import type { Case } from "../support/why/case.ts";
import { EXTERNAL_SECRETS } from "../support/why/external-secrets.ts";
import { GOOGLE } from "../support/why/google.ts";
import { IDENTITY } from "../support/why/identity.ts";
import { KEYS } from "../support/why/keys.ts";
import { KUBERNETES } from "../support/why/kubernetes.ts";
import { NETWORK } from "../support/why/network.ts";
import { STORAGE } from "../support/why/storage.ts";
import { UNKNOWN } from "../support/why/unknown.ts";

const CASES: readonly Case[] = [
  ...KUBERNETES,
  ...ANTFLY,
  ...EXTERNAL_SECRETS,
  ...NETWORK,
  ...GOOGLE,
  ...IDENTITY,
  ...STORAGE,
  ...KEYS,
];

const causesOf = (text: string): string[] => candidatesFor(text).map(({ cause }) => cause);
const first = (text: string): Candidate | undefined => candidatesFor(text)[0];
const said = (text: string): string => JSON.stringify(candidatesFor(text));

test.each(CASES)("%s", (text, ...causes) => {
  expect(causesOf(text).slice(0, causes.length)).toEqual(causes);
});

test.each(UNKNOWN)("nothing is said of %j", (text) => {
  expect(candidatesFor(text)).toEqual([]);
});

/** How the same error looks once it went through programs, log collectors and terminals. */
const WRAPPED: readonly (readonly [string, (text: string) => string])[] = [
  ["a JSON log line", (text) => JSON.stringify({ level: "error", msg: "backup failed", error: text })],
  ["a log line within a log line", (text) => JSON.stringify({ log: JSON.stringify({ msg: text }) })],
  ["klog", (text) => `E0901 10:00:00.000000       1 backup.go:12] "backup failed" err=${JSON.stringify(text)}`],
  ["logfmt", (text) => `time="2026-09-01T10:00:00Z" level=error msg="backup failed" error=${JSON.stringify(text)}`],
  ["kubectl logs --prefix", (text) => `[pod/antfly-data-0/antfly] ${text}\n[pod/antfly-data-0/antfly] retrying in 5s`],
  ["a Node stack", (text) => `Error: ${text}\n    at Object.run (/app/index.js:10:5)\n    at node:internal/main:1:1`],
  [
    "a Python traceback",
    (text) => `Traceback (most recent call last):\n  File "/app/x.py", line 3\nbotocore.Error: ${text}\n`,
  ],
  ["a Java stack", (text) => `Caused by: java.lang.RuntimeException: ${text}\n\tat com.example.Main.run(Main.java:10)`],
  ["a Zig error", (text) => `error: backup failed: ${text}\n/src/main.zig:10:5: 0x1 in main (antfly)`],
  ["colours", (text) => text.replaceAll(/\S+/g, "\u001b[31;1m$&\u001b[0m")],
  ["colours in JSON", (text) => JSON.stringify({ log: `\u001b[31m${text}\u001b[0m\n` })],
  ["escaped XML", (text) => text.replaceAll("&", "&amp;").replaceAll("<", "&lt;").replaceAll(">", "&gt;")],
  ["Windows line ends", (text) => `${text}\r\n`],
];

/** Words that are too common to be recognised in the middle of anything else. */
const ALONE = new Set(["unable to create client", "invalid_grant"]);

test.each(WRAPPED)("each text is recognised in %s", (_, wrap) => {
  for (const [text, ...causes] of CASES) {
    if (ALONE.has(text)) continue;
    expect(causesOf(wrap(text)).slice(0, causes.length), text).toEqual(causes);
  }
});

test("a text is recognised however its lines are broken, and in other letters", () => {
  for (const [text, cause] of CASES) {
    // Within a key's id a line break is what is looked for, and ids are of capital letters.
    if (/Credential=|AKIA|ASIA|AIDA|GOOG|AROA|QUtJ|secrets\.json|"v1"|\/v1"/.test(text)) continue;
    expect(causesOf(text.replaceAll(" ", "\n    "))[0], text).toBe(cause);
    expect(causesOf(text.toLowerCase())[0], text).toBe(cause);
  }
});

test("candidates come in order, each cause once, with a reason and a next step", () => {
  const rank = { high: 0, medium: 1, low: 2 };
  for (const [text] of CASES) {
    const candidates = candidatesFor(text);
    const ranks = candidates.map(({ confidence }) => rank[confidence]);
    expect(ranks, text).toEqual(ranks.toSorted((a, b) => a - b));
    expect(new Set(candidates.map(({ cause }) => cause)).size, text).toBe(candidates.length);
    for (const { because, next } of candidates) {
      expect(because, text).toMatch(/\.$/);
      expect(`${because} ${next}`, text).not.toMatch(/undefined|\[secret\]|  |\n/);
      expect(next, text).not.toBe("");
    }
  }
});

test("every symptom, and every cause, is an answer to some text of the table", () => {
  const texts = CASES.map(([text]) => text);
  const chosen = new Set(texts.flatMap((text) => symptomsIn(cluesOf(text))));
  for (const symptom of SYMPTOMS) {
    expect(chosen, `${symptom.topic} ${String(symptom.seen)} ${symptom.means[0]?.cause}`).toContain(symptom);
  }
  const named = new Set(texts.flatMap(causesOf));
  for (const { means } of SYMPTOMS) for (const { cause } of means) expect(named).toContain(cause);
});

/** The condition says nothing: what decides is whether the Secrets and their keys are there. */
const ELSEWHERE = new Set(["antfly.secretsready-unknown"]);

test("the check that comes next is one that finds the cause, where there is one", () => {
  for (const { cause, next } of CASES.flatMap(([text]) => candidatesFor(text))) {
    const finders = CHECKS.filter(({ causes }) => causes.includes(cause)).map(({ code }) => code);
    const asked = [...next.matchAll(/--only (ANT\d{4})/g)].map((match) => match[1]);
    if (asked.length === 0 || finders.length === 0 || ELSEWHERE.has(cause)) continue;
    expect(asked, cause).toContainEqual(expect.toBeOneOf(finders));
  }
});

test("the confidence of a symptom's candidates falls", () => {
  const rank = { high: 0, medium: 1, low: 2 };
  for (const { means } of SYMPTOMS) {
    const ranks = means.map(({ confidence }) => rank[confidence]);
    expect(ranks).toEqual(ranks.toSorted((a, b) => a - b));
  }
});

test.each<[string, Partial<ReturnType<typeof cluesOf>>]>([
  [
    "couldn't find key AWS_ACCESS_KEY_ID in Secret production/backup-credentials",
    { namespace: "production", secrets: ["backup-credentials"], key: "AWS_ACCESS_KEY_ID" },
  ],
  ["Secret(s) not found: [a b a]", { secrets: ["a", "b"] }],
  [
    "Keys [1badkey, 2alsobad] from the EnvFrom secret default/mysecret were",
    { namespace: "default", secrets: ["mysecret"], key: "1badkey" },
  ],
  ["system:serviceaccount:production:antfly-backup", { namespace: "production", serviceAccount: "antfly-backup" }],
  [
    "antfly-prod.svc.id.goog[production/antfly]",
    { project: "antfly-prod", namespace: "production", serviceAccount: "antfly" },
  ],
  [
    "workloadIdentityPools/antfly-prod.svc.id.goog/subject/ns/production/sa/antfly",
    { namespace: "production", serviceAccount: "antfly" },
  ],
  [
    'error looking up service account production/db: serviceaccount "db" not found',
    { namespace: "production", serviceAccount: "db" },
  ],
  [
    'err="CreateContainerConfigError" pod="production/antfly-data-0"',
    { namespace: "production", pod: "antfly-data-0" },
  ],
  ['on resource: "arn:aws-cn:s3:::antfly-backups/prod/x"', { bucket: "antfly-backups" }],
  ["writing s3://antfly-backups/prod failed", { bucket: "antfly-backups" }],
  ["the region 'us-east-1' is wrong; expecting 'us-east-2'", { region: "us-east-1", expectedRegion: "us-east-2" }],
  ["An error occurred (AccessDenied) when calling the ListObjectsV2 operation", { action: "s3:ListBucket" }],
  ["operation error S3: CreateMultipartUpload, https response error", { action: "s3:PutObject" }],
  ["is not authorized to perform: kms:Decrypt on resource", { action: "kms:Decrypt" }],
  [
    "provider found in your account for https://oidc.eks.us-east-1.amazonaws.com/id/EXAMPLED539D4633E53DE1B71EXAMPLE",
    { issuer: "https://oidc.eks.us-east-1.amazonaws.com/id/EXAMPLED539D4633E53DE1B71EXAMPLE" },
  ],
  ['could not get ClusterSecretStore "shared"', { store: "shared", storeKind: "ClusterSecretStore", eso: true }],
  [
    '{"ExternalSecret":{"name":"backup","namespace":"production"}}',
    { externalSecret: "backup", namespace: "production" },
  ],
  [
    "antfly@antfly-prod.iam.gserviceaccount.com does not have storage.objects.list access",
    { email: "antfly@antfly-prod.iam.gserviceaccount.com", permission: "storage.objects.list" },
  ],
])("names in %j", (text, names) => {
  expect(cluesOf(text)).toMatchObject(names);
});

test("who was refused is told by the ARN, and a session of an instance is the node's", () => {
  const clues = cluesOf(
    "User: arn:aws:sts::123456789012:assumed-role/prd-node-role-20241001140543910500000003/i-0abc1234 is not authorized to perform: sts:AssumeRole on resource: arn:aws:iam::222222222222:role/team/backup-writer.",
  );
  expect(clues.caller).toMatchObject({
    name: "prd-node-role-20241001140543910500000003",
    account: "123456789012",
    node: true,
  });
  expect(clues.role).toMatchObject({ name: "backup-writer", arn: "arn:aws:iam::222222222222:role/team/backup-writer" });
});

test("the next command holds the names of the text", () => {
  const next = (text: string): string | undefined => first(text)?.next;
  expect(next('secrets "x" not found, namespace=production')).toBe("kubectl get secret x -n production");
  expect(next("Secret(s) not found: [a b]")).toBe("kubectl get secret a b");
  expect(
    next(
      "Not authorized to perform sts:AssumeRoleWithWebIdentity arn:aws:iam::123456789012:role/antfly system:serviceaccount:production:db",
    ),
  ).toBe("antfly-creds trust-policy -n production --check arn:aws:iam::123456789012:role/antfly");
  expect(next("AuthorizationHeaderMalformed: the region 'us-east-1' is wrong; expecting 'us-east-2'")).toBe(
    "antfly-creds init secret --provider aws --region us-east-2 --overwrite",
  );
  expect(next("getaddrinfo ENOTFOUND minio.storage.svc.cluster.local")).toBe(
    "kubectl get service,endpointslices -n storage -l kubernetes.io/service-name=minio",
  );
});

test("ids of keys are shown by their prefix and end alone", () => {
  const text = "<Code>InvalidAccessKeyId</Code><AWSAccessKeyId>ASIAQWERTYUIOPASDFGH</AWSAccessKeyId>";
  expect(said(text)).toContain("ASIA…DFGH");
  expect(said(text)).not.toContain("QWERTY");
});

const FIT_FOR_SECRETS = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/".split("");
const secretLike = fc.oneof(
  fc.string({ unit: fc.constantFrom(...FIT_FOR_SECRETS), minLength: 40, maxLength: 40 }),
  // Told from a name by how its letters change, so that it has to be as random as a token is.
  fc.noBias(
    fc.string({ unit: fc.constantFrom(...FIT_FOR_SECRETS.slice(0, 62), "-", "_"), minLength: 43, maxLength: 43 }),
  ),
  fc.string({ unit: fc.constantFrom(..."0123456789abcdef".split("")), minLength: 40, maxLength: 64 }),
  fc.constantFrom(
    "eyJhbGciOiJSUzI1NiJ9.eyJzdWIiOiJ4In0.c2lnbmF0dXJl",
    "hvs.CAESIJ8x",
    "ya29.a0AfH6SMB",
    "ghp_16C7e42F292c6912E7",
  ),
);
/** Wherever a name may stand. */
const PLACES = [
  'Error: secret "$" not found',
  "Secret(s) not found: [$ b]",
  "couldn't find key $ in Secret production/$",
  "Keys [$] from the EnvFrom secret default/$ were skipped since they are considered invalid environment variable names",
  "User: arn:aws:sts::123456789012:assumed-role/$/s is not authorized to perform: s3:ListBucket on resource: arn:aws:s3:::$",
  "User: arn:aws:iam::123456789012:user/$ is not authorized to perform: s3:PutObject on resource: arn:aws:s3:::b/$",
  "<Code>InvalidAccessKeyId</Code><AWSAccessKeyId>$</AWSAccessKeyId>",
  "<Code>InvalidAccessKeyId</Code> AWS_SECRET_ACCESS_KEY=$ AWS_ACCESS_KEY_ID=$",
  "Invalid header value b'AWS4-HMAC-SHA256 Credential=$\\n/20260901/us-east-1/s3/aws4_request'",
  "<Code>NoSuchBucket</Code><BucketName>$</BucketName> s3://$/x",
  "connect ECONNREFUSED $:9000",
  "getaddrinfo ENOTFOUND $.minio.example.com",
  'Put "https://$/bucket": dial tcp: lookup $: no such host minio',
  "No OpenIDConnect provider found in your account for https://$",
  'could not get SecretStore "$", namespace=$',
  "error processing spec.data[0]: key $ does not exist in secret $",
  "Permission 'iam.serviceAccounts.getAccessToken' denied for $@$.iam.gserviceaccount.com $.svc.id.goog[$/$]",
  'secrets "$" is forbidden: User "$" cannot get resource "secrets" in API group "" in the namespace "$"',
  "error looking up service account $/$: not found",
];

test("what may be a secret is never repeated, wherever it stands", () => {
  fc.assert(
    fc.property(secretLike, fc.constantFrom(...PLACES), fc.boolean(), (secret, place, json) => {
      const text = place.replaceAll("$", () => secret);
      expect(said(json ? JSON.stringify({ error: text }) : text)).not.toContain(secret);
    }),
    { numRuns: 1_000 },
  );
});

/** Names that a shell would act on; the API server refuses them, a reference may hold them all the same. */
const nasty = fc.constantFrom(
  "a; touch b",
  "$(id)",
  "`id`",
  "it's",
  "a&b",
  "*",
  "~",
  "#x",
  "a|b",
  "a > b",
  "${HOME}",
  "!x",
);

test("what a shell would act on is one quoted word of the next command", () => {
  fc.assert(
    fc.property(nasty, (name) => {
      expect(first(`secret "${name}" not found`)?.next).toBe(shell`kubectl get secret ${name}`);
      const refused = `secrets is forbidden: User "${name}" cannot list resource "secrets" in API group "" at the cluster scope`;
      expect(first(refused)?.next.endsWith(`--as ${shellWord(name)}`)).toBe(true);
    }),
  );
});

test("a shell finds no command of its own in any next step", () => {
  fc.assert(
    fc.property(fc.constantFrom(...PLACES), fc.constantFrom("$(touch x)", "`touch x`", ";touch;x"), (place, name) => {
      for (const { next } of candidatesFor(place.replaceAll("$", () => name))) {
        const line = next.slice(next.lastIndexOf(": ") + 1);
        if (!line.includes("touch")) continue;
        const words = execFileSync("sh", [
          "-c",
          `PATH=; set -f; for word in ${line.replaceAll(/ [|] .*/g, "")}; do :; done; echo ok`,
        ]);
        expect(words.toString()).toBe("ok\n");
      }
    }),
    { numRuns: 60 },
  );
});

test("no option is made of a name", () => {
  expect(first('secret "--all" not found')?.next).not.toContain("--all");
});

test("any text has an answer, and ends", () => {
  const words = fc.array(fc.constantFrom(...CASES.flatMap(([text]) => text.split(" "))), { maxLength: 60 });
  const anything = fc.oneof(
    fc.string({ unit: "binary", maxLength: 500 }),
    words.map((list) => list.join(" ")),
  );
  fc.assert(
    fc.property(anything, (text) => {
      for (const { because, next } of candidatesFor(text)) expect(because.length + next.length).toBeGreaterThan(0);
    }),
    { numRuns: 500 },
  );
});

test("botocore does not say why it could not connect, and nor do we", () => {
  expect(first('Could not connect to the endpoint URL: "https://s3.us-east-1.amazonaws.com/b"')?.because).toMatch(
    /^s3\.us-east-1\.amazonaws\.com could not be connected to: /,
  );
});

test.each([
  'Get "https://admin:hunter2@minio.example.com:9000/b": dial tcp 10.0.0.1:9000: connect: connection refused',
  'Could not connect to the endpoint URL: "https://admin:hunter2@minio.example.com/b"',
  "getaddrinfo ENOTFOUND admin:hunter2@minio.example.com",
  "NoSuchBucket: s3://admin:hunter2@backups/search",
])("user and password of a URL are not repeated: %s", (text) => {
  expect(candidatesFor(text)).not.toEqual([]);
  expect(said(text)).not.toMatch(/admin|hunter2/);
});

test("commands go to the namespace that the text is from, unless it names one", () => {
  const next = (text: string): string | undefined => candidatesInLog(text, "production")[0]?.next;
  expect(next('secret "keys" not found')).toBe("kubectl get secret keys -n production");
  expect(next("couldn't find key K in Secret staging/keys")).toBe("kubectl describe secret keys -n staging");
  expect(next("missing S3-compatible endpoint")).toBe("antfly-creds doctor -n production --only ANT0204");
});

test("in the middle of a log the latest error counts, wherever it stands", () => {
  const line = "2026-09-01T10:00:00Z INFO heartbeat of search-data-0 in 3 ms\n";
  const calm = (characters: number): string => line.repeat(Math.ceil(characters / line.length));
  for (const before of [100_000, LONGEST - 10, 130_000, 500_000]) {
    const log = `${calm(40_000)}SignatureDoesNotMatch${calm(before)}NoSuchBucket${calm(400_000)}`;
    expect(candidatesInLog(log)[0]?.cause).toBe("s3.nosuchbucket");
  }
  expect(candidatesInLog(calm(1_000_000))).toEqual([]);
});

test("a long text is read at both ends, and no more of it", () => {
  const MIB = 1_048_576;
  for (const filler of [
    "a",
    "(",
    " ",
    "\\",
    "&",
    "\u001b[",
    'secret "',
    "arn:aws:iam::123456789012:",
    "dial tcp ",
    "lookup a",
  ]) {
    const text = filler.repeat(Math.ceil(MIB / filler.length));
    expect(prepare(text).length).toBeLessThanOrEqual(LONGEST);
    expect(onOneLine(prepare(text)).length).toBeLessThanOrEqual(LONGEST);
    expect(causesOf(`NoSuchBucket ${text}`)).toContain("s3.nosuchbucket");
    expect(causesOf(`${text} NoSuchBucket`)).toContain("s3.nosuchbucket");
  }
});
