import { spawn, type ChildProcess } from "node:child_process";

import type { Cluster, User } from "@kubernetes/client-node";
import type { Authenticator } from "@kubernetes/client-node/dist/auth.js";
import { ExecAuth } from "@kubernetes/client-node/dist/exec_auth.js";

import { UserError } from "../domain/errors.ts";
import type { Redactor } from "../domain/redact.ts";
import { printable } from "../domain/text.ts";

type Options = Parameters<Authenticator["applyAuthentication"]>[1];
type Environment = Readonly<Record<string, string | undefined>>;

/** How a kubeconfig's user logs in by a program (`user.exec`). */
export interface ExecPlugin {
  readonly apiVersion?: string;
  readonly command: string;
  readonly args?: readonly string[];
  readonly env?: readonly { readonly name: string; readonly value: string }[];
  readonly installHint?: string;
  readonly provideClusterInfo?: boolean;
}

interface Limits {
  readonly timeoutMs: number;
  readonly signal: AbortSignal;
  readonly env: Environment;
  readonly redactor: Redactor;
}

const LONGEST_REASON = 200;

/**
 * client-node's exec authentication with what it leaves out: KUBERNETES_EXEC_INFO (some plugins end without it), a
 * deadline, an end on Ctrl-C, and a failure that says what the plugin said.
 */
export class ExecPluginAuth implements Authenticator {
  readonly #auth = new ExecAuth();
  readonly #plugin: ExecPlugin;
  readonly #limits: Limits;
  #failure: string | undefined;

  constructor(plugin: ExecPlugin, cluster: Cluster, limits: Limits) {
    this.#plugin = plugin;
    this.#limits = limits;
    const { timeoutMs, signal, env } = limits;
    const own = Object.fromEntries((plugin.env ?? []).map(({ name, value }) => [name, value]));
    const info = JSON.stringify(execInfo(plugin, cluster));
    // The field is private, and there is no other way in.
    Object.assign(this.#auth, {
      execFn: (command: string, args: readonly string[] = []): ChildProcess => {
        const child = spawn(command, args, {
          env: { ...env, ...own, KUBERNETES_EXEC_INFO: info },
          stdio: ["ignore", "pipe", "pipe"],
          timeout: timeoutMs,
          signal,
        });
        this.#watch(child);
        return child;
      },
    });
  }

  /** Every user with a plugin is this one's: it is made for the user of one context. */
  isAuthProvider(user: User): boolean {
    return user.authProvider?.name === EXEC_PROVIDER;
  }

  /** @throws UserError when the plugin cannot be started, fails, takes too long or prints no credential */
  async applyAuthentication(user: User, options: Options): Promise<void> {
    const { command, installHint } = this.#plugin;
    this.#failure = undefined;
    try {
      await this.#auth.applyAuthentication({ ...user, exec: this.#plugin }, options);
    } catch (error) {
      const code = (error as NodeJS.ErrnoException).code;
      const missing = code === "ENOENT" || code === "EACCES";
      const reason = missing ? `cannot be started (${code})` : (this.#failure ?? "printed no credential");
      const hint = missing ? (installHint ?? "install it, or choose another context with --context") : undefined;
      throw new UserError(
        "exec-plugin",
        `the kubeconfig's user logs in with "${printable(command)}", which ${reason}`,
        hint === undefined ? { hint: "run it by hand to see more" } : { hint: printable(hint) },
      );
    }
  }

  #watch(child: ChildProcess): void {
    let stderr = "";
    child.stderr?.on("data", (chunk: Buffer | string) => (stderr += String(chunk)));
    child.once("close", (code, signal) => {
      if (code === 0) return;
      const said = printable(this.#limits.redactor.clean(stderr)).trim().slice(0, LONGEST_REASON);
      if (signal !== null) this.#failure = `did not end within ${this.#limits.timeoutMs / 1000} s`;
      else this.#failure = `failed (exit ${code})${said === "" ? "" : `: ${said}`}`;
    });
  }
}

/** Under this name the plugin's user gets past client-node's own exec authentication. */
export const EXEC_PROVIDER = "antfly-creds-exec-plugin";

/** KUBERNETES_EXEC_INFO, as https://kubernetes.io/docs/reference/config-api/client-authentication.v1/ has it. */
function execInfo(plugin: ExecPlugin, cluster: Cluster): object {
  const info = {
    server: cluster.server,
    ...(cluster.caData === undefined ? {} : { "certificate-authority-data": cluster.caData }),
    ...(cluster.skipTLSVerify ? { "insecure-skip-tls-verify": true } : {}),
    ...(cluster.tlsServerName === undefined ? {} : { "tls-server-name": cluster.tlsServerName }),
    ...(cluster.proxyUrl === undefined ? {} : { "proxy-url": cluster.proxyUrl }),
  };
  return {
    apiVersion: plugin.apiVersion ?? "client.authentication.k8s.io/v1",
    kind: "ExecCredential",
    spec: { interactive: false, ...(plugin.provideClusterInfo === true ? { cluster: info } : {}) },
  };
}
