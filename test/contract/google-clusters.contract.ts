import { describe, expect, test } from "vitest";

import { googleFailure } from "../support/google-client.ts";
import { fresh, PROD, raw, type GoogleBed } from "./google-bed.ts";

/** GKE, projects and their services, as the tool relies on them. */
export function googleClusters(bed: () => GoogleBed): void {
  describe("clusters", () => {
    test("one, with its node pools", async () => {
      const { google, tool } = bed();
      const name = fresh("c");
      const databaseEncryption = {
        state: "ENCRYPTED",
        keyName: "projects/acme-prod/locations/eu/keyRings/r/cryptoKeys/k",
      };
      const nodePools = { new: "GKE_METADATA", old: "GCE_METADATA", older: "" };
      await google.seed({ clusters: [{ name, nodePools, databaseEncryption, endpoint: "203.0.113.7" }] });
      expect(await tool.getCluster({ ...PROD, name })).toMatchObject({
        ...PROD,
        name,
        endpoints: ["203.0.113.7"],
        workloadPool: google.pool,
        autopilot: false,
        status: "RUNNING",
        databaseEncryption,
        nodePools: [
          { name: "new", metadataMode: "GKE_METADATA", status: "RUNNING" },
          { name: "old", metadataMode: "GCE_METADATA", status: "RUNNING" },
          { name: "older", metadataMode: undefined, status: "RUNNING" },
        ],
      });
    });

    test("those of all places", async () => {
      const { google, tool } = bed();
      const project = fresh("many");
      await google.seed({
        clusters: [
          { project, name: "one" },
          { project, name: "two", location: "us-central1-a", workloadPool: false },
        ],
      });
      const found = await tool.listClusters(project);
      expect(found.map(({ name, location, workloadPool }) => [name, location, workloadPool])).toEqual([
        ["one", "europe-west1", `${project}.svc.id.goog`],
        ["two", "us-central1-a", undefined],
      ]);
    });

    test("one that is not there, and one of a project that one may not see", async () => {
      const { tool } = bed();
      expect(await googleFailure(tool.getCluster({ ...PROD, name: "none" }))).toMatchObject({
        failure: "not-found",
        action: "container.clusters.get",
        status: 404,
        message: "Not found: projects/acme-prod/locations/europe-west1/clusters/none.",
      });
      expect(await googleFailure(tool.listClusters(fresh("hidden")))).toMatchObject({
        failure: "denied",
        action: "container.clusters.list",
        status: 403,
      });
    });

    test("its Workload Identity is switched on, and then the pool exists", async () => {
      const { google, tool } = bed();
      const project = fresh("first");
      const cluster = { project, location: "europe-west1", name: "plain" };
      await google.seed({ clusters: [{ ...cluster, workloadPool: false }], accounts: [{ id: "antfly", project }] });
      const email = `antfly@${project}.iam.gserviceaccount.com`;
      const pool = `${project}.svc.id.goog`;
      const policy = await tool.getServiceAccountPolicy(email);
      const bindings = [{ role: "roles/iam.workloadIdentityUser", members: [`serviceAccount:${pool}[a/b]`] }];
      expect(await googleFailure(tool.setServiceAccountPolicy(email, { ...policy, bindings }))).toMatchObject({
        failure: "invalid",
        status: 400,
        message: `Identity Pool does not exist (${pool}). Please check that you specified a valid resource name as returned in the \`name\` attribute in the configuration API.`,
      });
      await tool.setWorkloadPool(cluster, pool);
      expect(await tool.getCluster(cluster)).toMatchObject({ workloadPool: pool, status: "RUNNING" });
      await tool.setServiceAccountPolicy(email, { ...policy, bindings });
      expect((await tool.getServiceAccountPolicy(email)).bindings).toEqual(bindings);
    });

    test("no other pool than the project's own", async () => {
      const { google, tool } = bed();
      const name = fresh("c");
      await google.seed({ clusters: [{ name, workloadPool: false }] });
      expect(await googleFailure(tool.setWorkloadPool({ ...PROD, name }, "other.svc.id.goog"))).toMatchObject({
        failure: "invalid",
        action: "container.clusters.update",
        status: 400,
      });
    });

    test("a node pool's metadata server is switched on, one change at a time", async () => {
      const { google, tool } = bed();
      const name = fresh("c");
      await google.seed({ clusters: [{ name, nodePools: { a: "", b: "" } }] });
      const cluster = { ...PROD, name };
      await tool.setMetadataMode(cluster, "a", "GKE_METADATA");
      expect((await tool.getCluster(cluster)).nodePools.map(({ metadataMode }) => metadataMode)).toEqual([
        "GKE_METADATA",
        undefined,
      ]);
      const path = `/container/v1/projects/acme-prod/locations/europe-west1/clusters/${name}/nodePools/b`;
      const mode = { workloadMetadataConfig: { mode: "GKE_METADATA" } };
      expect((await raw(bed(), "PUT", path, mode)).body).toMatchObject({ status: "RUNNING" });
      expect((await raw(bed(), "PUT", path, mode)).body).toMatchObject({
        error: { code: 400, status: "FAILED_PRECONDITION" },
      });
    });

    test("a node pool that is not there, and one of a cluster without Workload Identity", async () => {
      const { google, tool } = bed();
      const name = fresh("c");
      await google.seed({ clusters: [{ name, workloadPool: false }] });
      const cluster = { ...PROD, name };
      expect((await googleFailure(tool.setMetadataMode(cluster, "none", "GKE_METADATA")))["failure"]).toBe("not-found");
      const plain = tool.setMetadataMode(cluster, "default-pool", "GKE_METADATA");
      expect((await googleFailure(plain))["failure"]).toBe("invalid");
    });

    test("an API that is off", async () => {
      const { google, tool } = bed();
      const project = fresh("off");
      const number = "222222222222";
      await google.seed({ projects: [{ id: project, number, services: { "container.googleapis.com": "DISABLED" } }] });
      expect(await googleFailure(tool.listClusters(project))).toMatchObject({
        failure: "api-off",
        code: "SERVICE_DISABLED",
        status: 403,
        message: `container.googleapis.com is off in project ${number}: gcloud services enable container.googleapis.com --project ${number}`,
      });
    });
  });

  describe("projects", () => {
    test("by id and by number", async () => {
      const { google, tool } = bed();
      const whole = { id: google.project, number: google.number };
      expect(await tool.getProject(google.project)).toEqual(whole);
      expect(await tool.getProject(google.number)).toEqual(whole);
    });

    test("that there is none is told as that one may not see it", async () => {
      const { tool } = bed();
      const id = fresh("none");
      for (const call of [tool.getProject(id), tool.getProjectPolicy(id), tool.getService(id, "iam.googleapis.com")])
        expect(await googleFailure(call)).toMatchObject({ failure: "denied", status: 403 });
    });

    test("the policy, with its conditions", async () => {
      const { google, tool } = bed();
      const id = fresh("p");
      const condition = { title: "later", expression: 'request.time > timestamp("2090-01-01T00:00:00Z")' };
      const bindings = [{ role: "roles/storage.admin", members: ["user:ada@acme.com"], condition }];
      await google.seed({ projects: [{ id, bindings }] });
      expect(await tool.getProjectPolicy(id)).toMatchObject({ version: 3, etag: expect.any(String), bindings });
    });

    test("its services", async () => {
      const { google, tool } = bed();
      const id = fresh("p");
      await google.seed({ projects: [{ id, services: { "iamcredentials.googleapis.com": "DISABLED" } }] });
      expect(await tool.getService(id, "iamcredentials.googleapis.com")).toBe("DISABLED");
      expect(await tool.getService(id, "storage.googleapis.com")).toBe("ENABLED");
    });
  });
}
