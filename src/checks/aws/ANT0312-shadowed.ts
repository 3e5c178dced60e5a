import { describeSource, type EffectiveEnvironment } from "../../domain/env/effective.ts";
import { describeGroups, nodeEnvironments } from "../../domain/env/groups.ts";
import { ACCESS_KEY_ID } from "../../domain/env/static-keys.ts";
import type { ClusterFacts } from "../../domain/facts.ts";
import type { PodFacts, ServiceAccountFacts } from "../../domain/workload-facts.ts";
import { awsCommand, command, edit, finding, type Finding, type Fix } from "../../domain/finding.ts";
import { refOfCluster } from "../../domain/fixes.ts";
import { GET_SECRETS, GET_SERVICE_ACCOUNT, LIST_CLUSTERS, LIST_PODS } from "../../domain/grants.ts";
import { showsPodIdentity } from "../../domain/identity-use.ts";
import type { Generation } from "../../domain/operator/generation.ts";
import { count, sentenceList, shortList } from "../../domain/text.ts";
import { defineCheck } from "../define.ts";
import { ROLE_ANNOTATION } from "./misplaced-annotation.ts";

const PROFILE = "AWS_PROFILE";

export default defineCheck({
  code: "ANT0312",
  slug: "shadowed-identity",
  title: "Nothing comes before the pods' identity on AWS",
  area: "aws",
  causes: [
    "epi.both-configured",
    "epi.shadowed-by-static",
    "epi.shadowed-by-webidentity",
    "irsa.profile-shadows",
    "irsa.static-env-shadows",
  ],
  needs: ["cluster", "serviceAccount", "environments"],
  wants: ["pods", "podIdentity", "operator"],
  after: ["ANT0101", "ANT0201"],
  required: false,
  effect: "read",
  severity: "warning",
  grants: [LIST_CLUSTERS, GET_SERVICE_ACCOUNT, GET_SECRETS, LIST_PODS],
  run: ({ cluster, serviceAccount: account, environments = [], pods = [], podIdentity, operator }) => {
    if (cluster === undefined) return [];
    const staying = pods.filter((pod) => !pod.terminating);
    const { association } = podIdentity ?? {};
    const byAgent = association !== undefined || staying.some(showsPodIdentity);
    if (account?.awsRole === undefined && !byAgent)
      return { skip: `ServiceAccount ${account?.name ?? "default"} gives its pods no identity on AWS` };
    const nodes = nodeEnvironments(cluster, environments);
    return [
      ...staticKey(cluster, nodes, staying, byAgent, operator?.generation),
      ...profile(cluster, nodes, staying),
      ...bothInOnePod(cluster, staying),
      ...(account?.awsRole !== undefined && association !== undefined && podIdentity !== undefined
        ? [bothConfigured(cluster, account, podIdentity.cluster.name, association.id)]
        : []),
    ];
  },
});

/** A variable as the nodes have it: the pods' own spec comes before `envFrom`. */
function settersOf(name: string, nodes: readonly EffectiveEnvironment[], pods: readonly PodFacts[]): string[] {
  const sources = nodes.flatMap(({ of, variables }) => {
    const from = variables[name]?.from;
    return from === undefined ? [] : [`${describeSource(from.source)} of the ${of} nodes`];
  });
  const explicit = pods.filter(({ env }) => env.some((variable) => variable.name === name));
  return [...sources, ...(explicit.length === 0 ? [] : [`env of ${shortList(explicit.map((pod) => pod.name))}`])];
}

/** The database of generations 1 and 2 has no other way to sign; in generation 3 the key comes before the role. */
function staticKey(
  cluster: ClusterFacts,
  nodes: readonly EffectiveEnvironment[],
  pods: readonly PodFacts[],
  byAgent: boolean,
  generation: Generation | undefined,
): Finding[] {
  const setters = settersOf(ACCESS_KEY_ID, nodes, pods);
  if (setters.length === 0) return [];
  const identity = byAgent ? "Pod Identity" : "the role of their ServiceAccount";
  const groups = describeGroups(cluster.groups.map(({ name }) => name));
  const what = `The ${groups} have a static key (${sentenceList(setters)}), which every SDK takes before ${identity}`;
  const later = generation === 3;
  const then = later
    ? "a connection whose credentials have source default signs with the key"
    : "backups of this database need the key, and what else asks AWS from these pods uses it too";
  return [
    finding(
      byAgent ? "epi.shadowed-by-static" : "irsa.static-env-shadows",
      later ? "warning" : "info",
      refOfCluster(cluster),
      `${what}: ${then}`,
      {
        evidence: setters.map((has) => ({ label: ACCESS_KEY_ID, has })),
        fixes: [
          edit(
            later
              ? "once a backup has succeeded with source web_identity, take the Secret out of envFrom"
              : "keep the Secret until a backup has succeeded without it",
          ),
        ],
      },
    ),
  ];
}

function profile(cluster: ClusterFacts, nodes: readonly EffectiveEnvironment[], pods: readonly PodFacts[]): Finding[] {
  const setters = settersOf(PROFILE, nodes, pods);
  const mounted = pods.filter(({ identity }) => identity?.awsFolderMounted === true);
  if (mounted.length > 0) setters.push(`~/.aws is mounted in ${shortList(mounted.map(({ name }) => name))}`);
  if (setters.length === 0) return [];
  const message = `The pods have an AWS profile (${sentenceList(setters)}): an SDK may take that before the identity of their ServiceAccount`;
  return [
    finding("irsa.profile-shadows", "warning", refOfCluster(cluster), message, {
      evidence: setters.map((has) => ({ label: PROFILE, want: "not set", has })),
      fixes: [edit(`take ${PROFILE} and ~/.aws out of what puts them into the pods`)],
    }),
  ];
}

function bothInOnePod(cluster: ClusterFacts, pods: readonly PodFacts[]): Finding[] {
  const both = pods.filter(
    (pod) => showsPodIdentity(pod) && pod.identity?.variables["AWS_WEB_IDENTITY_TOKEN_FILE"] !== undefined,
  );
  if (both.length === 0) return [];
  const message = `${count(both.length, "pod")} (${shortList(both.map(({ name }) => name))}) ${both.length > 1 ? "have" : "has"} AWS_WEB_IDENTITY_TOKEN_FILE beside Pod Identity, and every SDK takes the first`;
  return [
    finding("epi.shadowed-by-webidentity", "warning", refOfCluster(cluster), message, {
      evidence: both.map((pod) => ({
        label: `pod ${pod.name}`,
        want: "AWS_CONTAINER_CREDENTIALS_FULL_URI alone",
        has: `AWS_WEB_IDENTITY_TOKEN_FILE=${pod.identity?.variables["AWS_WEB_IDENTITY_TOKEN_FILE"] ?? ""}`,
      })),
      fixes: [edit("take AWS_WEB_IDENTITY_TOKEN_FILE and AWS_ROLE_ARN out of what puts them into the pods")],
    }),
  ];
}

/** Pods made from now on have Pod Identity, and those from before have the role. */
function bothConfigured({ namespace }: ClusterFacts, account: ServiceAccountFacts, eks: string, id: string): Finding {
  const { name, awsRole = "" } = account;
  const message = `ServiceAccount ${name} has role ${awsRole} by its annotation and an association of Pod Identity: new pods have the one of the association`;
  const fixes: Fix[] = [
    edit("keep one of the two; without the annotation:"),
    command`kubectl annotate serviceaccount ${name} -n ${namespace} eks.amazonaws.com/role-arn-`,
    edit("or without the association:"),
    awsCommand`aws eks delete-pod-identity-association --cluster-name ${eks} --association-id ${id}`,
  ];
  return finding("epi.both-configured", "warning", { kind: "ServiceAccount", namespace, name }, message, {
    evidence: [
      { label: ROLE_ANNOTATION, has: awsRole, path: `/metadata/annotations/${ROLE_ANNOTATION.replaceAll("/", "~1")}` },
      { label: "association", has: `${id} of EKS cluster ${eks}` },
    ],
    fixes,
  });
}
