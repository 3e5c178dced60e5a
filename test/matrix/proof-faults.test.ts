import { describe, expect, test } from "vitest";

import type { DoctorOptions } from "../../src/commands/doctor.ts";
import type { FaultKind } from "../support/aws-server/faults.ts";
import { CANARY_ID, CANARY_SECRET } from "../support/canaries.ts";
import type { AnyObject } from "../support/follow.ts";
import { startProofBed, type ProofBed, type ProofRun } from "../support/proof-bed.ts";
import { allowBackups, BUCKET, proofObjects, proofSeed } from "../support/proof-fixture.ts";
import { trustFor, type AwsSeed } from "../support/test-cloud.ts";

const FAULTS: readonly (readonly [string, FaultKind])[] = [
  ["denied", { status: 403, code: "AccessDenied", message: "Access Denied" }],
  ["not found", { status: 404, code: "NotFound", message: "Not Found" }],
  ["in conflict", { status: 409, code: "Conflict", message: "Conflict" }],
  ["throttled", { status: 429, code: "TooManyRequestsException", message: "Rate exceeded" }],
  ["broken", { status: 500, code: "InternalError", message: "We encountered an internal error." }],
  ["without an answer", "hang"],
  ["cut", "reset"],
  ["garbled", "garbage"],
  ["a page of a proxy", "page"],
  ["of another kind", { body: "<Tea/>" }],
  ["nothing at all", { body: "" }],
  ["half", "half"],
];

/** A run on servers of its own, so that those that wait do so side by side. */
async function on<T>(objects: readonly AnyObject[], seed: AwsSeed, work: (bed: ProofBed) => Promise<T>): Promise<T> {
  const bed = await startProofBed(objects, seed);
  try {
    return await work(bed);
  } finally {
    await bed.stop();
  }
}

const statusOf = ({ report }: ProofRun, code: string): string =>
  report.results.find((one: { code: string }) => one.code === code)?.status;

describe("the write probe, while a call goes wrong", () => {
  /** Nothing is in the answer that could be lost. */
  const HARMLESS = ["PutObject half", "PutObject half after"];
  const operations = [
    "AssumeRoleWithWebIdentity",
    "GetCallerIdentity",
    "ListObjectsV2",
    "PutObject",
    "GetObject",
    "DeleteObject",
  ];
  // Only a write has an effect whose answer can be lost.
  const cases = operations.flatMap((operation) =>
    (/^(Put|Delete)/.test(operation) ? [false, true] : [false]).map((after) => ({ operation, after })),
  );
  test.each(cases)("$operation, after its effect: $after", async ({ operation, after }) => {
    const passed = await Promise.all(
      FAULTS.map(([name, how]) =>
        on(proofObjects({ role: true }), proofSeed(), async (bed) => {
          bed.cloud.fail({ action: operation, how, after });
          const timeout = how === "hang" ? "1s" : "20s";
          const run = await bed.run({ prove: true, only: ["ANT06"], timeout }, { sleep: async () => {} });
          const left = run.report.residue.map(({ what }: { what: string }) => what).join(" ");
          for (const object of bed.keysIn(BUCKET)) expect(left).toContain(object);
          const mine = run.report.results.filter(({ code }: { code: string }) => code.startsWith("ANT06"));
          const all = mine.every(({ status }: { status: string }) => ["pass", "skip"].includes(status));
          return all ? [`${operation} ${name}${after ? " after" : ""}`] : [];
        }),
      ),
    );
    expect(passed.flat()).toEqual(
      HARMLESS.filter((one) => one.startsWith(operation) && one.endsWith(" after") === after),
    );
  });
});

/** What is wrong, the check that finds it, and the calls that it is found with. */
interface Broken {
  readonly wrong: string;
  readonly code: string;
  readonly calls: readonly string[];
  readonly objects?: readonly AnyObject[];
  readonly seed: AwsSeed;
  readonly options?: Partial<DoctorOptions>;
}

const TRUST = trustFor("system:serviceaccount:production:antfly");
const AGENT_TRUST = {
  Version: "2012-10-17",
  Statement: [
    { Effect: "Allow", Principal: { Service: "pods.eks.amazonaws.com" }, Action: ["sts:AssumeRole", "sts:TagSession"] },
  ],
};
const role = proofObjects({ key: false, role: true });
const neither = proofObjects({ key: false });
const key = proofObjects();
const eks = (more: object): AwsSeed => ({
  ...proofSeed(),
  roles: [{ name: "antfly", trust: AGENT_TRUST }],
  clusters: [
    {
      name: "prod",
      issuer: "ISSUER",
      associations: [{ namespace: "production", serviceAccount: "antfly", role: "antfly" }],
      addOns: { "eks-pod-identity-agent": "ACTIVE" },
      ...more,
    },
  ],
});
const agent = { objects: neither, options: { eksCluster: "prod" } };

const BROKEN: readonly Broken[] = [
  {
    wrong: "no provider",
    code: "ANT0303",
    calls: ["GetOpenIDConnectProvider"],
    objects: role,
    seed: { ...proofSeed(), providers: [] },
  },
  {
    wrong: "another ServiceAccount is trusted",
    code: "ANT0304",
    calls: ["GetOpenIDConnectProvider", "GetRole"],
    objects: role,
    seed: { ...proofSeed(), roles: [{ name: "antfly", trust: trustFor("system:serviceaccount:production:other") }] },
  },
  {
    wrong: "the role may do nothing",
    code: "ANT0310",
    calls: ["GetRole", "ListRolePolicies", "ListAttachedRolePolicies", "GetBucketPolicy"],
    objects: role,
    seed: { ...proofSeed(), roles: [{ name: "antfly", trust: TRUST }] },
  },
  {
    wrong: "a Deny among the role's policies",
    code: "ANT0310",
    calls: ["GetRolePolicy", "GetPolicy", "GetPolicyVersion"],
    objects: role,
    seed: {
      ...proofSeed(),
      policies: [
        {
          name: "deny",
          document: { Version: "2012-10-17", Statement: { Effect: "Deny", Action: "*", Resource: "*" } },
        },
      ],
      roles: [
        {
          name: "antfly",
          trust: TRUST,
          inline: { backups: allowBackups() },
          attached: ["arn:aws:iam::ACCOUNT:policy/deny"],
        },
      ],
    },
  },
  {
    wrong: "the key is unknown",
    code: "ANT0606",
    calls: ["GetCallerIdentity", "GetAccessKeyLastUsed", "GetAccessKeyInfo"],
    seed: { ...proofSeed(), users: [] },
  },
  {
    wrong: "the key's user may do nothing",
    code: "ANT0608",
    calls: ["GetCallerIdentity", "HeadBucket", "ListObjectsV2"],
    seed: { ...proofSeed(), users: [{ name: "backup", keys: [{ id: CANARY_ID, secret: CANARY_SECRET }] }] },
  },
  {
    wrong: "the bucket is elsewhere",
    code: "ANT0607",
    calls: ["GetCallerIdentity", "HeadBucket"],
    seed: proofSeed({ bucket: { region: "eu-west-1" } }),
  },
  {
    wrong: "no agent",
    code: "ANT0307",
    calls: ["DescribeCluster", "ListPodIdentityAssociations", "DescribePodIdentityAssociation", "DescribeAddon"],
    ...agent,
    seed: eks({ addOns: {} }),
  },
  {
    wrong: "no association",
    code: "ANT0308",
    calls: ["DescribeCluster", "ListPodIdentityAssociations"],
    ...agent,
    seed: eks({ associations: [] }),
  },
  {
    wrong: "the agent is not trusted",
    code: "ANT0309",
    calls: ["DescribePodIdentityAssociation", "GetRole"],
    ...agent,
    seed: { ...eks({}), roles: [{ name: "antfly", trust: TRUST }] },
  },
];

/** Those that are an answer; of the others there is but one kind, and waiting for them takes time. */
const ANSWERS = FAULTS.filter(([name]) =>
  ["denied", "not found", "garbled", "of another kind", "nothing at all"].includes(name),
);

describe("what is wrong is no pass while a call goes wrong", () => {
  test.each(BROKEN)("$wrong", async ({ code, calls, objects = key, seed, options }) => {
    const asked = { only: [code], ...options };
    await on(objects, seed, async (bed) => {
      expect(["fail", "warn"]).toContain(statusOf(await bed.run(asked), code));
      for (const call of calls) {
        for (const [name, how] of ANSWERS) {
          bed.cloud.reset(seed);
          bed.cloud.fail({ action: call, how });
          const status = statusOf(await bed.run(asked), code);
          expect(`${call} ${name}: ${status}`).not.toMatch(/: (pass|undefined)$/);
        }
      }
    });
  });
});
