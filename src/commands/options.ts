import { parseDuration } from "../domain/duration.ts";
import type { KubeSelection } from "../ports.ts";

/** Options of every command that talks to a cluster, as commander gives them. */
export interface ClusterOptions {
  readonly namespace?: string;
  readonly context?: string;
  readonly kubeconfig?: string;
  readonly timeout: string;
}

export function kubeSelection(options: ClusterOptions): KubeSelection {
  return {
    timeoutMs: parseDuration(options.timeout, "--timeout", { positive: true }),
    ...(options.namespace === undefined ? {} : { namespace: options.namespace }),
    ...(options.context === undefined ? {} : { context: options.context }),
    ...(options.kubeconfig === undefined ? {} : { kubeconfig: options.kubeconfig }),
  };
}
