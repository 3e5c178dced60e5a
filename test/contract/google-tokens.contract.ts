import { describe, expect, test } from "vitest";

import { Sensitive } from "../../src/domain/sensitive.ts";
import { googleFailure } from "../support/google-client.ts";
import { emailOf, type BindingSeed } from "../support/test-google.ts";
import {
  audienceOf,
  federatedToken,
  fresh,
  kubernetesToken,
  memberOf,
  principalOf,
  PROD,
  raw,
  type GoogleBed,
} from "./google-bed.ts";

const WORKLOAD_USER = "roles/iam.workloadIdentityUser";
const HOUR_MS = 3_600_000;
const LAG_MS = 60_000;

/** From a ServiceAccount's token to an account's: the two services that the proof goes through. */
export function googleTokens(bed: () => GoogleBed): void {
  const exchange = (audience: string, token: Sensitive): Promise<Sensitive> =>
    bed().tool.exchangeToken({ audience, token });
  const revealed = (token: Sensitive): string => Buffer.from(token.reveal()).toString("utf8");

  describe("the token of a ServiceAccount is exchanged", () => {
    test("for a federated one", async () => {
      expect(revealed(await exchange(audienceOf(bed()), await kubernetesToken(bed())))).toMatch(/^ya29\./);
    });

    test("asked in a form as in JSON", async () => {
      const { google } = bed();
      const response = await fetch(`${google.url}/sts/v1/token`, {
        method: "POST",
        headers: { "content-type": "application/json" },
        body: JSON.stringify({
          grantType: "urn:ietf:params:oauth:grant-type:token-exchange",
          audience: audienceOf(bed()),
          scope: "https://www.googleapis.com/auth/cloud-platform",
          requestedTokenType: "urn:ietf:params:oauth:token-type:access_token",
          subjectTokenType: "urn:ietf:params:oauth:token-type:jwt",
          subjectToken: revealed(await kubernetesToken(bed())),
        }),
      });
      expect(await response.json()).toMatchObject({ access_token: expect.any(String), token_type: "Bearer" });
    });

    test("not when somebody else signed it, nor when it was changed", async () => {
      const [head, payload = "", signature = ""] = revealed(await kubernetesToken(bed())).split(".");
      const claims = JSON.parse(Buffer.from(payload, "base64url").toString("utf8")) as object;
      const other = Buffer.from(JSON.stringify({ ...claims, sub: "system:serviceaccount:kube-system:default" }));
      for (const forged of [
        `${head}.${payload}.${signature.slice(0, -8)}AAAAAAAA`,
        `${head}.${other.toString("base64url")}.${signature}`,
        `${Buffer.from('{"alg":"none"}').toString("base64url")}.${payload}.`,
        "not a token",
      ])
        expect(await googleFailure(exchange(audienceOf(bed()), new Sensitive(forged)))).toMatchObject({
          failure: expect.stringMatching(/^invalid/),
          action: "sts.googleapis.com/v1/token",
          status: 400,
        });
    });

    test("not after it has run out", async () => {
      const { google } = bed();
      const token = await kubernetesToken(bed());
      google.putClockForward(2 * HOUR_MS);
      const refused = await googleFailure(exchange(audienceOf(bed()), token));
      google.putClockForward(-2 * HOUR_MS);
      expect(refused).toMatchObject({
        failure: "invalid-credentials",
        code: "invalid_grant",
        status: 400,
        message: expect.stringMatching(/^ID Token issued at \d+ is stale to sign-in\.$/),
      });
    });

    test("not when it is for somebody else", async () => {
      const { google } = bed();
      expect(await googleFailure(exchange(audienceOf(bed()), await kubernetesToken(bed(), "vault")))).toMatchObject({
        failure: "invalid-credentials",
        code: "invalid_grant",
        message: `The audience in ID Token [vault] does not match the expected audience ${google.pool}.`,
      });
    });

    test("not for a pool that is not there", async () => {
      const audience = audienceOf(bed()).replace(bed().google.pool, "none.svc.id.goog");
      expect(await googleFailure(exchange(audience, await kubernetesToken(bed(), "none.svc.id.goog")))).toMatchObject({
        failure: "invalid",
        code: "invalid_target",
        status: 400,
        message: expect.stringMatching(/^Identity Pool does not exist \(none\.svc\.id\.goog\)\./),
      });
    });

    test("not for a cluster that is not there, or is not in the pool", async () => {
      const { google } = bed();
      const name = fresh("outside");
      await google.seed({ clusters: [{ name, workloadPool: false }] });
      for (const one of ["none", name])
        expect(
          await googleFailure(exchange(audienceOf(bed(), { ...PROD, name: one }), await kubernetesToken(bed()))),
        ).toMatchObject({
          failure: "invalid",
          code: "invalid_target",
        });
    });

    test("not for a cluster that is another one than it is of", async () => {
      const { google } = bed();
      const name = fresh("other");
      await google.seed({ clusters: [{ name, issuer: "https://container.googleapis.com/v1/other" }] });
      expect(
        await googleFailure(exchange(audienceOf(bed(), { ...PROD, name }), await kubernetesToken(bed()))),
      ).toMatchObject({
        failure: "invalid-credentials",
        code: "invalid_grant",
        message: expect.stringContaining("does not match the expected"),
      });
    });

    test("not for an audience that names no provider", async () => {
      expect(await googleFailure(exchange("sts.googleapis.com", await kubernetesToken(bed())))).toMatchObject({
        failure: "invalid",
        code: "invalid_request",
        message: expect.stringMatching(/^Invalid value for "audience"\./),
      });
    });
  });

  describe("a federated token is worth an account's", () => {
    const impersonate = async (bindings: readonly BindingSeed[], more: object = {}): Promise<Sensitive> => {
      const { google, tool } = bed();
      const id = fresh("acts");
      await google.seed({ accounts: [{ id, bindings, ...more }] });
      const token = await federatedToken(bed());
      return tool.generateAccessToken({ account: emailOf(google, id), token, lifetimeSeconds: 600 });
    };
    const denied = {
      failure: "denied",
      action: "iam.serviceAccounts.getAccessToken",
      code: "IAM_PERMISSION_DENIED",
      status: 403,
      message: "Permission 'iam.serviceAccounts.getAccessToken' denied on resource (or it may not exist).",
    };

    test.each<[string, (at: GoogleBed) => string]>([
      ["the ServiceAccount by its old name", (at) => memberOf(at)],
      ["the ServiceAccount by its principal", (at) => principalOf(at)],
      ["its namespace", (at) => principalOf(at, `namespace/${at.namespace}`)],
      [
        "its cluster",
        (at) =>
          principalOf(
            at,
            "kubernetes.cluster/https://container.googleapis.com/v1/projects/acme-prod/locations/europe-west1/clusters/prod",
          ),
      ],
    ])("of one that lets %s act", async (_, member) => {
      expect(revealed(await impersonate([{ role: WORKLOAD_USER, members: [member(bed())] }]))).toMatch(/^ya29\./);
    });

    test("of one that lets the ServiceAccount with that uid act", async () => {
      const { cluster, namespace } = bed();
      const { metadata } = await cluster.admin.must("GET", `/api/v1/namespaces/${namespace}/serviceaccounts/default`);
      const member = principalOf(bed(), `subject/`).replace(
        "subject/",
        `kubernetes.serviceaccount.uid/${metadata.uid}`,
      );
      expect(revealed(await impersonate([{ role: WORKLOAD_USER, members: [member] }]))).toMatch(/^ya29\./);
    });

    test("by a role that does more, and by one on the project", async () => {
      const { google, tool } = bed();
      await impersonate([{ role: "roles/iam.serviceAccountTokenCreator", members: [memberOf(bed())] }]);
      const project = fresh("whole");
      const bindings = [{ role: WORKLOAD_USER, members: [memberOf(bed())] }];
      await google.seed({ projects: [{ id: project, bindings }], accounts: [{ id: "antfly", project }] });
      const account = `antfly@${project}.iam.gserviceaccount.com`;
      await tool.generateAccessToken({ account, token: await federatedToken(bed()), lifetimeSeconds: 600 });
    });

    test.each<[string, (at: GoogleBed) => BindingSeed[]]>([
      ["nobody", () => []],
      ["another ServiceAccount", (at) => [{ role: WORKLOAD_USER, members: [memberOf(at, "other")] }]],
      [
        "the number of the project",
        (at) => [{ role: WORKLOAD_USER, members: [memberOf(at).replace(at.google.project, at.google.number)] }],
      ],
      ["another case", (at) => [{ role: WORKLOAD_USER, members: [memberOf(at, "Default")] }]],
      ["somebody who was deleted", (at) => [{ role: WORKLOAD_USER, members: [`deleted:${memberOf(at)}?uid=1`] }]],
      ["the wrong role", (at) => [{ role: "roles/iam.serviceAccountUser", members: [memberOf(at)] }]],
      [
        "it until a time that is past",
        (at) => [
          {
            role: WORKLOAD_USER,
            members: [memberOf(at)],
            condition: { title: "past", expression: 'request.time < timestamp("2020-01-01T00:00:00Z")' },
          },
        ],
      ],
      [
        "it on a condition that cannot be judged",
        (at) => [
          {
            role: WORKLOAD_USER,
            members: [memberOf(at)],
            condition: { title: "x", expression: "has(request.auth.claims.x)" },
          },
        ],
      ],
    ])("not of one that lets %s act", async (_, bindings) => {
      expect(await googleFailure(impersonate(bindings(bed())))).toMatchObject(denied);
    });

    test("not of one that is disabled, nor of one that is not there", async () => {
      const { tool, google } = bed();
      const bindings = [{ role: WORKLOAD_USER, members: [memberOf(bed())] }];
      expect(await googleFailure(impersonate(bindings, { disabled: true }))).toMatchObject({
        failure: expect.stringMatching(/^(invalid|conflict|denied)$/),
        message: expect.stringMatching(/is disabled/),
      });
      const call = tool.generateAccessToken({
        account: emailOf(google, fresh("none")),
        token: await federatedToken(bed()),
        lifetimeSeconds: 600,
      });
      expect(await googleFailure(call)).toMatchObject({
        failure: "not-found",
        status: 404,
        message: expect.stringMatching(/^Not found; Gaia id not found for email none-/),
      });
    });

    test("only after a while, where Google is slow to take in what was written", async () => {
      const { google, tool } = bed();
      const id = fresh("slow");
      const account = emailOf(google, id);
      const bindings = [{ role: WORKLOAD_USER, members: [memberOf(bed())] }];
      const token = await federatedToken(bed());
      const call = (): Promise<Sensitive> => tool.generateAccessToken({ account, token, lifetimeSeconds: 600 });
      google.state.lagMs = LAG_MS;
      await tool.createServiceAccount({ project: google.project, id, displayName: "", description: "" });
      expect((await googleFailure(call()))["failure"]).toBe("not-found");
      google.putClockForward(LAG_MS);
      const written = await tool.setServiceAccountPolicy(account, {
        ...(await tool.getServiceAccountPolicy(account)),
        bindings,
      });
      expect(written.bindings).toEqual(bindings);
      expect(await googleFailure(call())).toMatchObject(denied);
      google.putClockForward(LAG_MS);
      await call();
      google.state.lagMs = 0;
      google.putClockForward(-2 * LAG_MS);
    });

    test("not where the API is off", async () => {
      const { google, tool } = bed();
      const project = fresh("off");
      const bindings = [{ role: WORKLOAD_USER, members: [memberOf(bed())] }];
      await google.seed({
        projects: [{ id: project, services: { "iamcredentials.googleapis.com": "DISABLED" } }],
        accounts: [{ id: "antfly", project, bindings }],
      });
      const account = `antfly@${project}.iam.gserviceaccount.com`;
      expect(
        await googleFailure(
          tool.generateAccessToken({ account, token: await federatedToken(bed()), lifetimeSeconds: 600 }),
        ),
      ).toMatchObject({
        failure: "api-off",
        code: "SERVICE_DISABLED",
        status: 403,
      });
    });
  });

  test("a token that Google did not give, or that has run out, is nobody's", async () => {
    const { google, tool } = bed();
    const account = emailOf(google, fresh("any"));
    const refused = { failure: "invalid-credentials", code: "ACCESS_TOKEN_EXPIRED", status: 401 };
    const call = (token: Sensitive): Promise<Sensitive> =>
      tool.generateAccessToken({ account, token, lifetimeSeconds: 600 });
    expect(await googleFailure(call(new Sensitive("ya29.invented")))).toMatchObject(refused);
    const token = await federatedToken(bed());
    google.putClockForward(2 * HOUR_MS);
    const later = await googleFailure(call(token));
    google.putClockForward(-2 * HOUR_MS);
    expect(later).toMatchObject(refused);
    expect((await raw(bed(), "GET", "/cloudresourcemanager/v1/projects/acme-prod", undefined, token)).status).toBe(403);
  });
}
