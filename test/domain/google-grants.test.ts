import fc from "fast-check";
import { expect, test } from "vitest";

import { accountContext, storageContext } from "../../src/domain/gcp/condition.ts";
import { grantsOf } from "../../src/domain/gcp/grants-of.ts";
import type { IamPolicy } from "../../src/domain/gcp/iam-policy.ts";
import type { Identity } from "../../src/domain/gcp/member.ts";
import { ACT_AS, OBJECT_WRITE } from "../../src/domain/gcp/roles.ts";
import { accountResource, bucketResource, may, type Resource } from "../support/google-server/authorize.ts";
import { accountCaller, workloadCaller, type Caller } from "../support/google-server/caller.ts";
import { MEMORY } from "../support/google-server/memory-objects.ts";
import { seedState } from "../support/google-server/seed.ts";
import { State } from "../support/google-server/state.ts";
import { NUMBER, PROJECT, type BindingSeed } from "../support/test-google.ts";

const POOL = `${PROJECT}.svc.id.goog`;
const PATH = `iam.googleapis.com/projects/${NUMBER}/locations/global/workloadIdentityPools/${POOL}`;
const CLUSTER = { project: PROJECT, location: "europe-west1", name: "prod" };
const CLUSTER_URL = `https://container.googleapis.com/v1/projects/${PROJECT}/locations/europe-west1/clusters/prod`;
const EMAIL = `antfly@${PROJECT}.iam.gserviceaccount.com`;
const UNIQUE_ID = "100000000000000000001";
const UID = "5b0c2d0e-0000-4000-8000-000000000001";
const NOW = new Date("2026-11-28T10:00:00Z");

const MEMBERS = [
  `serviceAccount:${POOL}[prod/antfly]`,
  `serviceAccount:${POOL}[prod/other]`,
  `serviceAccount:${POOL}[prod:antfly]`,
  `serviceAccount:${NUMBER}.svc.id.goog[prod/antfly]`,
  `serviceAccount:other-project.svc.id.goog[prod/antfly]`,
  `serviceAccount:${EMAIL}`,
  `serviceAccount:${EMAIL.replace("antfly", "Antfly")}`,
  `serviceAccount:other@${PROJECT}.iam.gserviceaccount.com`,
  `deleted:serviceAccount:${EMAIL}?uid=1`,
  `user:${EMAIL}`,
  `group:team@acme.com`,
  `principal://${PATH}/subject/ns/prod/sa/antfly`,
  `principal://${PATH}/subject/ns/prod/sa/other`,
  `principal://${PATH.replace(NUMBER, PROJECT)}/subject/ns/prod/sa/antfly`,
  `principal://${PATH}/kubernetes.serviceaccount.uid/${UID}`,
  `principal://${PATH}/kubernetes.serviceaccount.uid/other`,
  `principalSet://${PATH}/*`,
  `principalSet://${PATH}/namespace/prod`,
  `principalSet://${PATH}/namespace/test`,
  `principalSet://${PATH}/kubernetes.cluster/${CLUSTER_URL}`,
  `principalSet://${PATH}/kubernetes.cluster/${CLUSTER_URL}2`,
  `principalSet://${PATH.replace(NUMBER, "999999999999")}/*`,
  "allUsers",
  "allAuthenticatedUsers",
  `projectOwner:${PROJECT}`,
  `projectEditor:${PROJECT}`,
];
const ROLES = [
  "roles/iam.workloadIdentityUser",
  "roles/iam.serviceAccountTokenCreator",
  "roles/iam.serviceAccountUser",
  "roles/owner",
  "roles/editor",
  "roles/viewer",
  "roles/storage.admin",
  "roles/storage.objectAdmin",
  "roles/storage.objectUser",
  "roles/storage.objectViewer",
  "roles/storage.objectCreator",
  "roles/storage.legacyBucketOwner",
  "roles/storage.legacyBucketReader",
  "roles/storage.legacyBucketWriter",
  "roles/storage.legacyObjectReader",
  "roles/storage.hmacKeyAdmin",
  `projects/${PROJECT}/roles/backups`,
];
const TERMS = [
  "true",
  "false",
  'request.time < timestamp("2026-01-01T00:00:00Z")',
  'request.time < timestamp("2090-01-01T00:00:00Z")',
  'request.time >= timestamp("2026-01-01T00:00:00Z")',
  'resource.name.startsWith("projects/_/buckets/acme/objects/team/")',
  'resource.name.startsWith("projects/_/buckets/acme/objects/team/a")',
  'resource.name.startsWith("projects/_/buckets/acme")',
  'resource.name.startsWith("projects/_/buckets/other")',
  'resource.name == "projects/_/buckets/acme"',
  'resource.type == "storage.googleapis.com/Object"',
  'resource.type != "storage.googleapis.com/Bucket"',
  'resource.service == "storage.googleapis.com"',
  'resource.matchTag("1/env", "prod")',
  'request.time.getHours("Europe/Berlin") < 9',
];

const term = fc.constantFrom(...TERMS);
const { expression } = fc.letrec<{ expression: string }>((tie) => ({
  expression: fc.oneof(
    { maxDepth: 3, depthSize: "small" },
    term,
    fc.tuple(tie("expression"), fc.constantFrom("&&", "||"), tie("expression")).map(([a, by, b]) => `${a} ${by} ${b}`),
    tie("expression").map((inner) => `(${inner})`),
    tie("expression").map((inner) => `!(${inner})`),
  ),
}));
const binding: fc.Arbitrary<BindingSeed> = fc.record(
  {
    role: fc.constantFrom(...ROLES),
    members: fc.uniqueArray(fc.constantFrom(...MEMBERS), { minLength: 1, maxLength: 3 }),
    condition: fc.record({ title: fc.constant("t"), expression }),
  },
  { requiredKeys: ["role", "members"] },
);
const bindings = fc.array(binding, { maxLength: 3 });

/** Of a project with one account, one bucket, and one custom role. */
function stateWith(project: readonly BindingSeed[], own: readonly BindingSeed[]): State {
  const state = new State(PROJECT, MEMORY);
  state.clockOffsetMs = NOW.getTime() - Date.now();
  seedState(
    state,
    {
      projects: [{ id: PROJECT, number: NUMBER, bindings: project }],
      clusters: [{}],
      roles: [{ id: "backups", permissions: ["storage.objects.create", ACT_AS] }],
      accounts: [{ id: "antfly", uniqueId: UNIQUE_ID, bindings: own }],
      buckets: [{ name: "acme", bindings: own }],
    },
    undefined,
  );
  return state;
}

function policyWith(list: readonly BindingSeed[]): IamPolicy {
  return { version: 3, etag: "x", bindings: list, rest: {} };
}

const WORKLOAD: Identity = {
  kind: "workload",
  pool: POOL,
  projectNumber: NUMBER,
  namespace: "prod",
  name: "antfly",
  cluster: CLUSTER,
};
const ACCOUNT: Identity = { kind: "account", email: EMAIL };

function callerOf(state: State, who: Identity): Caller {
  if (who.kind === "account") {
    const caller = accountCaller(state, EMAIL, UNIQUE_ID);
    if (caller === undefined) throw new Error("there is no such account");
    return caller;
  }
  const of = { pool: POOL, projectNumber: NUMBER, namespace: "prod", serviceAccount: "antfly", uid: UID };
  return workloadCaller({ ...of, cluster: CLUSTER_URL });
}

const ROLE_FACTS = {
  [`projects/${PROJECT}/roles/backups`]: {
    state: "known",
    value: ["storage.objects.create", ACT_AS],
    origin: { via: "google", ref: "roles" },
  },
} as const;

/** What the tool is sure of is so on the server, whose model of policies was written apart from it. */
function agree(said: "yes" | "no" | "maybe", isSo: boolean): void {
  if (said !== "maybe") expect(said).toBe(isSo ? "yes" : "no");
}

test("who may do what with objects", () => {
  const permission = fc.constantFrom(...OBJECT_WRITE, "storage.buckets.get");
  const property = fc.property(
    bindings,
    bindings,
    permission,
    fc.constantFrom(WORKLOAD, ACCOUNT),
    (project, own, asked, who) => {
      const state = stateWith(project, own);
      const policies = [
        { of: "bucket acme", ofProject: false, policy: policyWith(own) },
        { of: "the bucket's project", ofProject: true, policy: policyWith(project) },
      ];
      const { verdict } = grantsOf(who, asked, policies, storageContext(asked, "acme", "team", NOW), ROLE_FACTS);
      const isOfBucket = asked === "storage.objects.list" || asked === "storage.buckets.get";
      const resource: Resource = bucketResource(state, "acme", isOfBucket ? undefined : "team/file");
      agree(verdict, may(state, callerOf(state, who), asked, resource));
    },
  );
  fc.assert(property, { numRuns: 3_000 });
});

test("who may act as an account", () => {
  const property = fc.property(bindings, bindings, (project, own) => {
    const state = stateWith(project, own);
    const policies = [
      { of: `service account ${EMAIL}`, ofProject: false, policy: policyWith(own) },
      { of: `project ${PROJECT}`, ofProject: true, policy: policyWith(project) },
    ];
    const { verdict } = grantsOf(WORKLOAD, ACT_AS, policies, accountContext(UNIQUE_ID, NOW), ROLE_FACTS);
    agree(verdict, may(state, callerOf(state, WORKLOAD), ACT_AS, accountResource(state, EMAIL)));
  });
  fc.assert(property, { numRuns: 2_000 });
});
