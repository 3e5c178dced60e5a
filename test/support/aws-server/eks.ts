import { randomUUID } from "node:crypto";

import type { Answer } from "./answer.ts";
import { refusalOf } from "./authorize.ts";
import type { Caller } from "./caller.ts";
import { Refusal } from "./refusal.ts";
import type { AwsRequest } from "./request.ts";
import { newId, now, type Association, type Cluster, type State } from "./state.ts";

export interface EksCall {
  readonly request: AwsRequest;
  readonly caller: Caller;
  readonly state: State;
}

interface Route {
  readonly action: string;
  readonly method: string;
  readonly path: RegExp;
  /** ARN after `arn:aws:eks:REGION:ACCOUNT:`. */
  readonly on: (cluster: string, name: string) => string;
  readonly run: (call: EksCall, cluster: string, name: string) => object;
}

const CLUSTER = String.raw`^/clusters/([^/]+)`;
const ofCluster = (cluster: string): string => `cluster/${cluster}`;
const ofAssociation = (cluster: string, id: string): string => `podidentityassociation/${cluster}/${id}`;

const ROUTES: readonly Route[] = [
  {
    action: "ListClusters",
    method: "GET",
    path: /^\/clusters$/,
    on: () => "cluster/*",
    run: (call) => ({ clusters: clustersOf(call).map(({ name }) => name), nextToken: null }),
  },
  {
    action: "DescribeCluster",
    method: "GET",
    path: new RegExp(`${CLUSTER}$`),
    on: ofCluster,
    run: (call, name) => ({ cluster: shownCluster(call, existing(call, name)) }),
  },
  {
    action: "ListPodIdentityAssociations",
    method: "GET",
    path: new RegExp(`${CLUSTER}/pod-identity-associations$`),
    on: ofCluster,
    run: (call, name) => {
      const { query } = call.request;
      const [namespace, account] = [query.get("namespace"), query.get("serviceAccount")];
      const found = [...existing(call, name).associations.values()].filter(
        (one) =>
          (namespace ?? one.namespace) === one.namespace && (account ?? one.serviceAccount) === one.serviceAccount,
      );
      const associations = found.map(({ id, namespace: of, serviceAccount }) => ({
        clusterName: name,
        namespace: of,
        serviceAccount,
        associationArn: arnOf(call, ofAssociation(name, id)),
        associationId: id,
      }));
      return { associations, nextToken: null };
    },
  },
  {
    action: "CreatePodIdentityAssociation",
    method: "POST",
    path: new RegExp(`${CLUSTER}/pod-identity-associations$`),
    on: ofCluster,
    run: create,
  },
  {
    action: "DescribePodIdentityAssociation",
    method: "GET",
    path: new RegExp(`${CLUSTER}/pod-identity-associations/([^/]+)$`),
    on: ofAssociation,
    run: (call, name, id) => ({ association: shown(call, name, association(existing(call, name), id)) }),
  },
  {
    action: "DeletePodIdentityAssociation",
    method: "DELETE",
    path: new RegExp(`${CLUSTER}/pod-identity-associations/([^/]+)$`),
    on: ofAssociation,
    run: (call, name, id) => {
      const gone = association(current(call, name), id);
      call.state.change(({ clusters }) => clusters.get(name)?.associations.delete(id));
      return { association: shown(call, name, gone) };
    },
  },
  {
    action: "DescribeAddon",
    method: "GET",
    path: new RegExp(`${CLUSTER}/addons/([^/]+)$`),
    on: (cluster, name) => `addon/${cluster}/${name}/*`,
    run: (call, name, addOn) => {
      const status = existing(call, name).addOns.get(addOn);
      if (status === undefined) throw notFound(`No addon: ${addOn} found in cluster: ${name}`);
      return { addon: { addonName: addOn, clusterName: name, status, addonVersion: "v1.3.0-eksbuild.1" } };
    },
  },
];

/** The action that a request is for; undefined when this server has none of that path. */
export function eksRoute({ method, rawPath }: AwsRequest): Route | undefined {
  return ROUTES.find((route) => route.method === method && route.path.test(rawPath));
}

export function answerEks(call: EksCall, route: Route): Answer {
  const [, cluster = "", name = ""] = route.path.exec(call.request.rawPath)?.map(decodeURIComponent) ?? [];
  assertAllowed(call, `eks:${route.action}`, arnOf(call, route.on(cluster, name)));
  const body = JSON.stringify(route.run(call, cluster, name));
  return { status: 200, headers: { "content-type": "application/json" }, body };
}

export function eksError({ status, code, message, headers }: Refusal): Answer {
  const body = JSON.stringify({ message });
  return { status, headers: { "content-type": "application/json", "x-amzn-errortype": code, ...headers }, body };
}

function assertAllowed({ caller, state }: EksCall, action: string, resource: string): void {
  const refusal = refusalOf({ caller, action, resource, context: caller.context, denied: state.denied });
  if (refusal === undefined) return;
  const message = `User: ${caller.arn} is not authorized to perform: ${action} on resource: ${resource} ${refusal}`;
  throw new Refusal(403, "AccessDeniedException", message);
}

function create(call: EksCall, name: string): object {
  const { state, request } = call;
  const { namespace, serviceAccount, roleArn, tags, clientRequestToken } = bodyOf(request);
  for (const [field, value] of Object.entries({ namespace, serviceAccount, roleArn }))
    if (typeof value !== "string" || value === "") throw invalid(`${field} can't be empty`);
  if (!String(roleArn).startsWith(state.arn("role/"))) throw invalid("Role is not in the account of the cluster");
  assertAllowed(call, "iam:PassRole", String(roleArn));
  const { associations } = current(call, name);
  const same = [...associations.values()].find(
    (one) => one.namespace === namespace && one.serviceAccount === serviceAccount,
  );
  if (same !== undefined && same.token !== undefined && same.token === clientRequestToken)
    return { association: shown(call, name, same) };
  if (same !== undefined) throw new Refusal(409, "ResourceInUseException", `Association already exists: ${same.id}`);
  const made: Association = {
    id: `a-${newId("", 17).toLowerCase()}`,
    namespace: String(namespace),
    serviceAccount: String(serviceAccount),
    roleArn: String(roleArn),
    targetRoleArn: undefined,
    disableSessionTags: false,
    createdAt: now(),
    tags: (tags ?? {}) as Record<string, string>,
    token: typeof clientRequestToken === "string" ? clientRequestToken : undefined,
  };
  state.change(({ clusters }) => clusters.get(name)?.associations.set(made.id, made));
  return { association: shown(call, name, made) };
}

function bodyOf({ body }: AwsRequest): Readonly<Record<string, unknown>> {
  try {
    return JSON.parse(body.toString("utf8")) as Record<string, unknown>;
  } catch {
    throw new Refusal(400, "InvalidRequestException", `Unrecognized body ${randomUUID()}`);
  }
}

function clustersOf({ state, request }: EksCall): Cluster[] {
  return [...state.seen.clusters.values()].filter(({ region }) => region === request.signature?.region);
}

function existing(call: EksCall, name: string): Cluster {
  const cluster = clustersOf(call).find((one) => one.name === name);
  if (cluster === undefined) throw notFound(`No cluster found for name: ${name}.`);
  return cluster;
}

/** As it is now, whatever a read still sees. */
function current(call: EksCall, name: string): Cluster {
  return call.state.actual.clusters.get(existing(call, name).name) ?? existing(call, name);
}

function association({ name, associations }: Cluster, id: string): Association {
  const found = associations.get(id);
  if (found === undefined) throw notFound(`The association ${id} was not found in cluster ${name}.`);
  return found;
}

function shownCluster(call: EksCall, { name, endpoint, issuer, autoMode, encryptionKey }: Cluster): object {
  const identity = issuer === undefined ? undefined : { oidc: { issuer } };
  const computeConfig = autoMode ? { enabled: true } : undefined;
  const arn = arnOf(call, `cluster/${name}`);
  const encryptionConfig =
    encryptionKey === undefined ? undefined : [{ resources: ["secrets"], provider: { keyArn: encryptionKey } }];
  return { name, arn, endpoint, identity, computeConfig, encryptionConfig, status: "ACTIVE", version: "1.36" };
}

function shown(call: EksCall, clusterName: string, one: Association): object {
  const { id, namespace, serviceAccount, roleArn, targetRoleArn, disableSessionTags, createdAt, tags } = one;
  const at = Date.parse(createdAt) / 1000;
  const associationArn = arnOf(call, ofAssociation(clusterName, id));
  const names = { clusterName, namespace, serviceAccount, roleArn, targetRoleArn, disableSessionTags };
  return { ...names, associationId: id, associationArn, createdAt: at, modifiedAt: at, tags };
}

function arnOf({ state, request }: EksCall, resource: string): string {
  return `arn:aws:eks:${request.signature?.region ?? ""}:${state.account}:${resource}`;
}

function notFound(message: string): Refusal {
  return new Refusal(404, "ResourceNotFoundException", message);
}

function invalid(message: string): Refusal {
  return new Refusal(400, "InvalidParameterException", message);
}
