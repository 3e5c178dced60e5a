import { existsSync } from "node:fs";
import { homedir } from "node:os";
import { delimiter, join } from "node:path";

import { KubeConfig, type Cluster, type Context, type User } from "@kubernetes/client-node";

import { UserError } from "../domain/errors.ts";
import { nearest, printable } from "../domain/text.ts";
import { EXEC_PROVIDER, type ExecPlugin } from "./exec-plugin.ts";
import { readKubeconfig, type KubeconfigFile, type RawUser } from "./kubeconfig-file.ts";

type Env = Readonly<Record<string, string | undefined>>;

export interface KubeconfigSelection {
  readonly kubeconfig?: string;
  readonly context?: string;
}

/** A kubeconfig with its context chosen, and what client-node drops of its user. */
export interface SelectedConfig {
  readonly config: KubeConfig;
  readonly context: Context;
  readonly cluster: Cluster;
  /** Base URL, without a slash at its end. */
  readonly server: string;
  readonly impersonateGroup: string | undefined;
  readonly plugin: ExecPlugin | undefined;
}

/**
 * Finds and merges kubeconfig files as kubectl does: `--kubeconfig`, else the files of KUBECONFIG (missing ones passed
 * over, the first mention of a name wins), else `~/.kube/config`, else the ServiceAccount of the pod we run in.
 * @throws UserError when there is none, one cannot be read, or the context cannot be used.
 */
export function selectKubeconfig(selection: KubeconfigSelection, env: Env): SelectedConfig {
  const files = candidateFiles(selection, env);
  if (files.length === 0) {
    if (env["KUBERNETES_SERVICE_HOST"] !== undefined && selection.context === undefined) return inCluster();
    throw new UserError("no-kubeconfig", "no kubeconfig was found", {
      hint: "set KUBECONFIG, or pass --kubeconfig FILE",
    });
  }
  const merged = merge(files.map(readKubeconfig));
  const context = chooseContext(merged, selection.context, files.join(", "));
  const cluster = clusterOf(context, merged, files.join(", "));
  const { user, raw } = userOf(context, merged);
  assertFiles(context, cluster, user);
  const config = new KubeConfig();
  // Without a user client-node would skip the cluster's CA as well.
  const anonymous: User = { name: "antfly-creds-anonymous" };
  const plugin = (user?.exec ?? undefined) as ExecPlugin | undefined;
  const chosen =
    user === undefined || plugin === undefined
      ? (user ?? anonymous)
      : { ...withoutExec(user), authProvider: { name: EXEC_PROVIDER } };
  config.loadFromOptions({
    clusters: [cluster],
    users: [chosen],
    contexts: [{ ...context, user: chosen.name }],
    currentContext: context.name,
  });
  return {
    config,
    context,
    cluster,
    server: baseUrl(cluster.server),
    impersonateGroup: impersonation(context, raw),
    plugin,
  };
}

function candidateFiles(selection: KubeconfigSelection, env: Env): string[] {
  if (selection.kubeconfig !== undefined) {
    if (!existsSync(selection.kubeconfig)) {
      throw new UserError("no-kubeconfig", `the kubeconfig ${selection.kubeconfig} does not exist`);
    }
    return [selection.kubeconfig];
  }
  const listed = (env["KUBECONFIG"] ?? "").split(delimiter).filter((file) => file !== "");
  if (listed.length > 0) {
    const present = listed.filter((file) => existsSync(file));
    if (present.length === 0) {
      throw new UserError("no-kubeconfig", `KUBECONFIG names ${listed.join(", ")}, which does not exist`);
    }
    return present;
  }
  const usual = join(env["HOME"] ?? homedir(), ".kube", "config");
  return existsSync(usual) ? [usual] : [];
}

function merge(all: readonly KubeconfigFile[]): KubeconfigFile {
  return {
    clusters: firstOfEachName(all.flatMap((one) => one.clusters)),
    users: firstOfEachName(all.flatMap((one) => one.users)),
    contexts: firstOfEachName(all.flatMap((one) => one.contexts)),
    current: all.find((one) => one.current !== undefined && one.current !== "")?.current,
    rawUsers: firstOfEachName(all.flatMap((one) => one.rawUsers)),
  };
}

function firstOfEachName<T extends { readonly name: string }>(items: readonly T[]): T[] {
  const byName = new Map<string, T>();
  for (const item of items) if (!byName.has(item.name)) byName.set(item.name, item);
  return [...byName.values()];
}

function chooseContext({ contexts, current }: KubeconfigFile, wanted: string | undefined, where: string): Context {
  const name = wanted ?? current;
  const names = contexts.map((context) => printable(context.name));
  if (name === undefined || name === "") {
    throw new UserError("no-context", `${where} sets no current context`, {
      hint: names.length === 0 ? "it names no context at all" : `pass --context; there are: ${names.join(", ")}`,
    });
  }
  const context = contexts.find((candidate) => candidate.name === name);
  if (context !== undefined) return context;
  const near = nearest(name, names);
  throw new UserError("unknown-context", `there is no context "${printable(name)}" in ${where}`, {
    hint: near === undefined ? `there are: ${names.join(", ") || "none"}` : `did you mean --context ${near}?`,
  });
}

function clusterOf(context: Context, { clusters }: KubeconfigFile, where: string): Cluster {
  const what = `context "${printable(context.name)}"`;
  const cluster = clusters.find((candidate) => candidate.name === context.cluster);
  if (cluster === undefined) {
    const named = `the cluster "${printable(context.cluster)}"`;
    throw new UserError("broken-context", `${what} names ${named}, which ${where} does not define`);
  }
  const url = parseUrl(cluster.server);
  if (url === undefined || !/^https?:$/.test(url.protocol)) {
    throw new UserError("bad-server", `the server of ${what} is not an https address`, {
      hint: "for example https://api.example.com:6443",
    });
  }
  if (url.username !== "" || url.password !== "") {
    throw new UserError("bad-server", `the server of ${what} holds a user name or a password; put them into the user`);
  }
  if (url.protocol === "http:" && !cluster.skipTLSVerify) {
    throw new UserError(
      "insecure-server",
      `the server of ${what} is ${url.origin}; credentials are not sent without TLS`,
      {
        hint: "use the cluster's https address",
      },
    );
  }
  if (cluster.proxyUrl !== undefined && parseUrl(cluster.proxyUrl) === undefined) {
    throw new UserError("bad-proxy", `the proxy-url of ${what} is not a URL`);
  }
  return cluster;
}

function parseUrl(text: string): URL | undefined {
  try {
    return new URL(text);
  } catch {
    return undefined;
  }
}

function baseUrl(server: string): string {
  return server.replace(/\/+$/, "");
}

/** A context may name no user; then the calls are anonymous. */
function userOf(
  context: Context,
  { users, rawUsers }: KubeconfigFile,
): { user: User | undefined; raw: RawUser | undefined } {
  if (context.user === undefined || context.user === "") return { user: undefined, raw: undefined };
  const user = users.find((candidate) => candidate.name === context.user);
  if (user === undefined) {
    throw new UserError(
      "broken-context",
      `context "${printable(context.name)}" names the user "${printable(context.user)}", which the kubeconfig does not define`,
    );
  }
  return { user, raw: rawUsers.find((candidate) => candidate.name === context.user) };
}

/** The files that TLS and the login need; without this a missing one would be told as an API server out of reach. */
function assertFiles(context: Context, cluster: Cluster, user: User | undefined): void {
  const tokenFile: unknown = user?.authProvider?.config?.["tokenFile"];
  const files: readonly [string, string | undefined][] = [
    ["certificate-authority", cluster.caFile],
    ["client-certificate", user?.certFile],
    ["client-key", user?.keyFile],
    ["tokenFile", typeof tokenFile === "string" ? tokenFile : undefined],
  ];
  for (const [field, file] of files) {
    if (file === undefined || existsSync(file)) continue;
    throw new UserError("missing-file", `${field} of context "${printable(context.name)}": ${file} does not exist`);
  }
}

function withoutExec({ exec: _, ...user }: User): User {
  return user;
}

/** @throws UserError for what cannot be sent on; leaving it out would act as somebody else */
function impersonation(context: Context, raw: RawUser | undefined): string | undefined {
  const refuse = (why: string): never => {
    throw new UserError("impersonation", `the user of context "${printable(context.name)}" ${why}`);
  };
  const groups = raw?.user?.["as-groups"] ?? [];
  if (groups.length > 1) refuse("impersonates several groups (as-groups); one is supported");
  if (raw?.user?.["as-uid"]) refuse("impersonates a uid (as-uid), which is not supported");
  if (raw?.user?.["as-user-extra"]) refuse("impersonates with as-user-extra, which is not supported");
  return groups[0];
}

function inCluster(): SelectedConfig {
  const config = new KubeConfig();
  config.loadFromCluster();
  const context = config.getContextObject(config.getCurrentContext());
  const cluster = config.getCurrentCluster();
  if (context === null || cluster === null) throw new UserError("no-kubeconfig", "no kubeconfig was found");
  return { config, context, cluster, server: baseUrl(cluster.server), impersonateGroup: undefined, plugin: undefined };
}
