import { distinctBy } from "../../domain/distinct.ts";
import { isComplete, type EffectiveEnvironment } from "../../domain/env/effective.ts";
import { describeGroups } from "../../domain/env/groups.ts";
import { ACCESS_KEY_ID, ENDPOINT_URL, isNearMiss } from "../../domain/env/static-keys.ts";
import { makersOf } from "../../domain/external-secrets.ts";
import type { ExternalSecretFacts } from "../../domain/external-secrets-facts.ts";
import type { ClusterFacts } from "../../domain/facts.ts";
import type { OperatorFacts } from "../../domain/server-facts.ts";
import { finding, type Finding, type Severity } from "../../domain/finding.ts";
import { refOfCluster, writeKeys } from "../../domain/fixes.ts";
import { LIST_EXTERNAL_SECRETS } from "../../domain/external-secrets-grants.ts";
import { GET_SECRETS, GET_SERVICE_ACCOUNT, LIST_BACKUPS, LIST_RESTORES } from "../../domain/grants.ts";
import { defineCheck } from "../define.ts";
import { endpointFaults } from "./endpoint-faults.ts";
import { judgedEnvironments, unreadReason } from "./judged-environments.ts";

export default defineCheck({
  code: "ANT0204",
  slug: "endpoint",
  title: "AWS_ENDPOINT_URL is there and fits the key",
  area: "values",
  scopes: ["cluster", "values"],
  causes: [
    "s3.endpoint-global-var-hits-sts",
    "s3.endpoint-has-bucket",
    "s3.endpoint-key-mismatch",
    "s3.endpoint-localhost",
    "s3.endpoint-malformed",
    "s3.endpoint-missing",
    "s3.endpoint-no-scheme",
    "s3.endpoint-trailing",
    "s3.wrong-service-endpoint",
  ],
  needs: ["cluster", "environments", "operator"],
  wants: ["backups", "serviceAccount", "externalSecrets"],
  after: ["ANT0201", "ANT0202"],
  explainedBy: ["ANT0504"],
  required: true,
  effect: "read",
  severity: "error",
  grants: [GET_SECRETS, LIST_BACKUPS, LIST_RESTORES, GET_SERVICE_ACCOUNT, { ...LIST_EXTERNAL_SECRETS, optional: true }],
  run: ({ cluster, environments = [], operator, backups = [], serviceAccount, externalSecrets = [] }, { target }) => {
    if (cluster?.configured.endpoint === true) return { skip: "spec.config names the endpoint itself" };
    const all = judgedEnvironments(cluster, environments).filter(isComplete);
    // Without a key nobody asks for an endpoint: that is ANT0202's finding.
    const signing = all.filter(
      (one) => cluster?.configured.credentials === true || one.variables[ACCESS_KEY_ID] !== undefined,
    );
    if (cluster !== undefined && signing.length === 0)
      return all.length === 0 ? [] : { skip: "no node group has an access key" };
    const judged = cluster === undefined ? all : signing;
    const buckets = backups.flatMap(({ location }) => /^s3:\/\/([^/]+)/.exec(location)?.[1] ?? []);
    const found = distinctBy(
      [
        ...(cluster === undefined ? [] : missing(cluster, signing, operator, externalSecrets)),
        ...judged.flatMap((one) =>
          endpointFaults(one, { namespace: target.namespace, cluster, buckets, serviceAccount }),
        ),
      ],
      ({ message }) => message,
    );
    if (found.length > 0) return found;
    const set = judged.filter((one) => one.variables[ENDPOINT_URL] !== undefined);
    if (cluster === undefined && set.length === 0) return { skip: `${ENDPOINT_URL} is not among the values` };
    const unread = unreadReason(set, [ACCESS_KEY_ID, ENDPOINT_URL]);
    return unread === undefined ? [] : { skip: unread };
  },
});

/** Required by the Go and Zig runtimes of generations 1 and 2; generation 3 derives it (operator facts, 7.1). */
function missing(
  cluster: ClusterFacts,
  nodes: readonly EffectiveEnvironment[],
  operator: OperatorFacts | undefined,
  externalSecrets: readonly ExternalSecretFacts[],
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
  const secret = source?.kind === "Secret" ? source : undefined;
  return [
    finding("s3.endpoint-missing", severity, refOfCluster(cluster), message, {
      evidence: [
        {
          label: "variable",
          want: ENDPOINT_URL,
          has: near.length > 0 ? [...new Set(near)].join(", ") : "not set",
          ...(secret === undefined
            ? {}
            : { path: "/data", of: { kind: "Secret", namespace: cluster.namespace, name: secret.name } }),
        },
      ],
      fixes: [writeKeys(cluster, secret)],
      ...(secret !== undefined && makersOf(externalSecrets, secret.name).length > 0
        ? { explainedBy: ["ANT0504"] as const, toldBy: ["ANT0504"] as const }
        : {}),
    }),
  ];
}
