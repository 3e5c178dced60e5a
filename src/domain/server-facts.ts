import type { Generation, GenerationEvidence } from "./operator/generation.ts";

export interface OperatorFacts {
  readonly generation: Generation | undefined;
  readonly evidence: readonly GenerationEvidence[];
}

export interface ServerFacts {
  readonly version: string;
  /** Minor version of Kubernetes 1.x. */
  readonly minor: number;
}

/** One rule of a SelfSubjectRulesReview. */
export interface AccessRule {
  readonly verbs: readonly string[];
  readonly apiGroups: readonly string[];
  readonly resources: readonly string[];
  readonly resourceNames: readonly string[];
}

export interface AccessFacts {
  readonly rules: readonly AccessRule[];
  /** The server could not list everything (another authorizer decides): a missing rule then proves nothing. */
  readonly incomplete: boolean;
}

/** Node clocks: seconds that a node's last heartbeat lies before (or, negative, after) the API server's own time. */
export type ClockFacts = readonly { readonly node: string; readonly behindSeconds: number }[];

/** Flags of each kube-apiserver, where they run as pods that can be seen. */
export type ApiServerFacts = readonly {
  readonly pod: string;
  readonly encryption: boolean;
  readonly audit: boolean;
}[];
