import { describeSource, isComplete, type EffectiveEnvironment } from "../../domain/env/effective.ts";
import { describeGroups, nodeEnvironments } from "../../domain/env/groups.ts";
import { ACCESS_KEY_ID, ENDPOINT_URL, isNearMiss } from "../../domain/env/static-keys.ts";
import type { ClusterFacts, OperatorFacts } from "../../domain/facts.ts";
import { finding, type Finding, type Severity } from "../../domain/finding.ts";
import { writeKeys } from "../../domain/fixes.ts";
import { GET_SECRETS } from "../../domain/grants.ts";
import { defineCheck } from "../define.ts";

export default defineCheck({
  code: "ANT0204",
  slug: "endpoint",
  title: "AWS_ENDPOINT_URL is there and fits the key",
  area: "values",
  causes: ["s3.endpoint-key-mismatch", "s3.endpoint-malformed", "s3.endpoint-missing", "s3.endpoint-no-scheme"],
  needs: ["cluster", "environments", "operator"],
  after: ["ANT0201", "ANT0202"],
  required: true,
  effect: "read",
  severity: "error",
  grants: [GET_SECRETS],
  run: ({ cluster, environments, operator }) => {
    if (cluster === undefined || environments === undefined) return [];
    if (cluster.configured.endpoint) return { skip: "spec.config names the endpoint itself" };
    const nodes = nodeEnvironments(cluster, environments).filter(isComplete);
    // Without a key nobody asks for an endpoint: that is ANT0202's finding.
    const signing = nodes.filter(
      (node) => cluster.configured.credentials || node.variables[ACCESS_KEY_ID] !== undefined,
    );
    if (signing.length === 0) return nodes.length === 0 ? [] : { skip: "no node group has an access key" };
    return [...missing(cluster, signing, operator), ...signing.flatMap((node) => misfits(cluster, node))].filter(
      (found, i, all) => all.findIndex((other) => other.message === found.message) === i,
    );
  },
});

/** Required by the Go and Zig runtimes of generations 1 and 2; generation 3 derives it (operator facts, 7.1). */
function missing(
  cluster: ClusterFacts,
  nodes: readonly EffectiveEnvironment[],
  operator: OperatorFacts | undefined,
): Finding[] {
  const without = nodes.filter((node) => node.variables[ENDPOINT_URL] === undefined);
  if (without.length === 0 || operator?.generation === 3) return [];
  // Which image reads keys from spec.config is known of generation 1 alone.
  const known = cluster.configured.credentials ? operator?.generation === 1 : operator?.generation !== undefined;
  const severity: Severity = known ? "error" : "warning";
  const near = without.flatMap((node) =>
    Object.values(node.variables).flatMap((variable) => (isNearMiss(variable.name, ENDPOINT_URL) ? variable.name : [])),
  );
  const who = describeGroups(without.map((node) => node.of));
  const reason =
    severity === "error"
      ? "the database refuses s3:// without it, on AWS too"
      : "most database images refuse s3:// without it";
  const message = `${ENDPOINT_URL} is not set on the ${who}: ${reason}`;
  const source = without[0]?.variables[ACCESS_KEY_ID]?.from?.source;
  return [
    finding(
      "s3.endpoint-missing",
      severity,
      { kind: "AntflyCluster", namespace: cluster.namespace, name: cluster.name },
      message,
      {
        evidence: [
          { label: "variable", want: ENDPOINT_URL, has: near.length > 0 ? [...new Set(near)].join(", ") : "not set" },
        ],
        fixes: [writeKeys(cluster, source?.kind === "Secret" ? source : undefined)],
      },
    ),
  ];
}

function misfits(cluster: ClusterFacts, node: EffectiveEnvironment): Finding[] {
  const supply = node.variables[ENDPOINT_URL]?.from;
  const endpoint = supply?.facts.endpoint;
  const form = node.variables[ACCESS_KEY_ID]?.from?.facts.form;
  if (supply === undefined || endpoint === undefined) return [];
  const subject = { kind: supply.source.kind, namespace: cluster.namespace, name: supply.source.name };
  const where = `${supply.key} in ${describeSource(supply.source)}`;
  const found: Finding[] = [];
  if (endpoint.host === "malformed" || endpoint.scheme === "other") {
    const message = `${where} is not a URL of an S3 endpoint`;
    found.push(finding("s3.endpoint-malformed", "error", subject, message, { fixes: [writeKeys(cluster, subject)] }));
  } else if (endpoint.scheme === "none") {
    found.push(
      finding(
        "s3.endpoint-no-scheme",
        "warning",
        subject,
        `${where} has no https://: some database images then speak plain HTTP`,
        {
          evidence: [{ label: supply.key, want: "https://…", has: "a host name" }],
          fixes: [writeKeys(cluster, subject)],
        },
      ),
    );
  }
  if (form === "gcs-hmac-id" && endpoint.host === "aws") {
    found.push(
      mismatch(
        cluster,
        subject,
        `${where} is an AWS endpoint, but the access key is a Google HMAC key`,
        "https://storage.googleapis.com",
      ),
    );
  } else if ((form === "aws-key-id" || form === "aws-temporary-key-id") && endpoint.host === "gcs") {
    found.push(
      mismatch(
        cluster,
        subject,
        `${where} is Google's endpoint, but the access key is an AWS key`,
        "https://s3.<region>.amazonaws.com",
      ),
    );
  }
  return found;
}

function mismatch(cluster: ClusterFacts, subject: Finding["subject"], message: string, want: string): Finding {
  return finding("s3.endpoint-key-mismatch", "error", subject, message, {
    evidence: [{ label: ENDPOINT_URL, want }],
    fixes: [writeKeys(cluster, subject)],
  });
}
