import { existsSync, readFileSync } from "node:fs";
import { homedir } from "node:os";
import { delimiter, dirname, join } from "node:path";

import { KubeConfig, type Cluster, type Context, type User } from "@kubernetes/client-node";
import { LineCounter, parseDocument } from "yaml";

import { UserError } from "../domain/errors.ts";
import { nearest, printable } from "../domain/text.ts";

type Env = Readonly<Record<string, string | undefined>>;

export interface KubeconfigSelection {
  readonly kubeconfig?: string;
  readonly context?: string;
}

/** A kubeconfig with its context chosen, and the group that its user impersonates (client-node drops it). */
export interface SelectedConfig {
  readonly config: KubeConfig;
  readonly context: Context;
  readonly server: string;
  readonly impersonateGroup: string | undefined;
}

interface RawUser {
  readonly name?: unknown;
  readonly user?: { readonly tokenFile?: unknown; readonly "as-groups"?: unknown } | null;
}

interface Loaded {
  readonly clusters: Cluster[];
  readonly users: User[];
  readonly contexts: Context[];
  readonly current: string | undefined;
  readonly rawUsers: readonly RawUser[];
}

/**
 * Finds and merges kubeconfig files as kubectl does: `--kubeconfig`, else the files of KUBECONFIG (missing ones passed
 * over, the first mention of a name wins), else `~/.kube/config`, else the ServiceAccount of the pod we run in.
 * @throws UserError when there is none, one cannot be read, or the context is not there.
 */
export function selectKubeconfig(selection: KubeconfigSelection, env: Env): SelectedConfig {
  const files = candidateFiles(selection, env);
  if (files.length === 0) {
    if (env["KUBERNETES_SERVICE_HOST"] !== undefined && selection.context === undefined) return inCluster();
    throw new UserError("no-kubeconfig", "no kubeconfig was found", {
      hint: "set KUBECONFIG, or pass --kubeconfig FILE",
    });
  }

  const merged = merge(files.map(load));
  const name = selection.context ?? merged.current;
  const names = merged.contexts.map((context) => context.name);
  const where = files.join(", ");
  if (name === undefined || name === "") {
    throw new UserError("no-context", `${where} sets no current context`, {
      hint: names.length === 0 ? "it names no context at all" : `pass --context; there are: ${names.join(", ")}`,
    });
  }
  const context = merged.contexts.find((candidate) => candidate.name === name);
  if (context === undefined) {
    const near = nearest(name, names);
    throw new UserError("unknown-context", `there is no context "${printable(name)}" in ${where}`, {
      hint: near === undefined ? `there are: ${names.join(", ") || "none"}` : `did you mean --context ${near}?`,
    });
  }
  const cluster = merged.clusters.find((candidate) => candidate.name === context.cluster);
  if (cluster === undefined) {
    throw new UserError(
      "broken-context",
      `context "${name}" names the cluster "${context.cluster}", which ${where} does not define`,
    );
  }
  if (cluster.server.startsWith("http:") && !cluster.skipTLSVerify) {
    throw new UserError(
      "insecure-server",
      `the server of context "${name}" is ${cluster.server}; credentials are not sent without TLS`,
      {
        hint: "use the cluster's https address",
      },
    );
  }
  return { ...choose(merged, context), server: cluster.server };
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

/** Messages name the place and never quote the file: a line of it may be a token. */
function load(file: string): Loaded {
  let text: string;
  try {
    text = readFileSync(file, "utf8");
  } catch (error) {
    const code = (error as NodeJS.ErrnoException).code ?? "error";
    throw new UserError("unreadable-kubeconfig", `the kubeconfig ${file} cannot be read (${code})`);
  }
  const lineCounter = new LineCounter();
  const document = parseDocument(text, { prettyErrors: false, lineCounter, logLevel: "silent" });
  const broken = document.errors[0];
  if (broken !== undefined) {
    const { line, col } = lineCounter.linePos(broken.pos[0]);
    throw new UserError("broken-kubeconfig", `${file}:${line}:${col} is not valid YAML (${broken.code})`);
  }
  let root: unknown;
  try {
    root = document.toJS({ maxAliasCount: 50 });
  } catch {
    throw new UserError("broken-kubeconfig", `${file} is not a kubeconfig: too many aliases`);
  }
  if (typeof root !== "object" || root === null || Array.isArray(root)) {
    throw new UserError("broken-kubeconfig", `${file} is not a kubeconfig: it holds no mapping`);
  }
  const content = root as Record<string, unknown>;
  try {
    const current = content["current-context"];
    const rawUsers = Array.isArray(content["users"]) ? (content["users"] as RawUser[]) : [];
    const config = new KubeConfig();
    // JSON is YAML: what was read once is not parsed anew, and no error can quote the file.
    config.loadFromString(JSON.stringify(root));
    config.makePathsAbsolute(dirname(file));
    return {
      clusters: config.clusters,
      users: config.users.map((user) => withTokenFile(user, rawUsers, dirname(file))),
      contexts: config.contexts,
      current: typeof current === "string" ? current : undefined,
      rawUsers,
    };
  } catch (error) {
    if (error instanceof UserError) throw error;
    const reason = error instanceof Error ? printable(error.message) : "unexpected content";
    throw new UserError("broken-kubeconfig", `${file} is not a kubeconfig: ${reason}`);
  }
}

/** client-node reads `token-file`, kubectl's field is `tokenFile`; its own file authenticator re-reads that one. */
function withTokenFile(user: User, rawUsers: readonly RawUser[], folder: string): User {
  const tokenFile = rawUsers.find((raw) => raw.name === user.name)?.user?.tokenFile;
  if (typeof tokenFile !== "string") return user;
  return { ...user, authProvider: { name: "tokenFile", config: { tokenFile: join(folder, tokenFile) } } };
}

function merge(all: readonly Loaded[]): Loaded {
  return {
    clusters: firstOfEachName(all.flatMap((one) => one.clusters)),
    users: firstOfEachName(all.flatMap((one) => one.users)),
    contexts: firstOfEachName(all.flatMap((one) => one.contexts)),
    current: all.find((one) => one.current !== undefined && one.current !== "")?.current,
    rawUsers: all.flatMap((one) => one.rawUsers),
  };
}

function firstOfEachName<T extends { readonly name: string }>(items: readonly T[]): T[] {
  const byName = new Map<string, T>();
  for (const item of items) if (!byName.has(item.name)) byName.set(item.name, item);
  return [...byName.values()];
}

function choose(merged: Loaded, context: Context): Omit<SelectedConfig, "server"> {
  // Without a user client-node would skip the cluster's CA as well.
  const anonymous: User = { name: "antfly-creds-anonymous" };
  const user = merged.users.find((candidate) => candidate.name === context.user);
  const chosen: Context = user === undefined ? { ...context, user: anonymous.name } : context;
  const config = new KubeConfig();
  config.loadFromOptions({
    clusters: merged.clusters,
    users: [...merged.users, anonymous],
    contexts: [chosen],
    currentContext: chosen.name,
  });
  const groups = merged.rawUsers.find((raw) => raw.name === context.user)?.user?.["as-groups"];
  const impersonateGroups = Array.isArray(groups) ? groups.filter((group) => typeof group === "string") : [];
  if (impersonateGroups.length > 1) {
    throw new UserError(
      "impersonation",
      `the user of context "${context.name}" impersonates several groups (as-groups); one is supported`,
    );
  }
  return { config, context: chosen, impersonateGroup: impersonateGroups[0] };
}

function inCluster(): SelectedConfig {
  const config = new KubeConfig();
  config.loadFromCluster();
  const context = config.getContextObject(config.getCurrentContext());
  const server = config.getCurrentCluster()?.server;
  if (context === null || server === undefined) throw new UserError("no-kubeconfig", "no kubeconfig was found");
  return { config, context, server, impersonateGroup: undefined };
}
