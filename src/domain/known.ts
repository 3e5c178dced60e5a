import type { AwsGrant, GoogleGrant, Grant } from "./grant.ts";

/** Where a fact was read: an API object, a file, or a saved snapshot. Lines and columns count from 1. */
export interface Origin {
  readonly via: "kube" | "aws" | "google" | "file" | "snapshot";
  readonly ref: string;
  readonly line?: number;
  readonly column?: number;
}

export type UnknownReason =
  | "forbidden"
  | "unauthorized"
  | "unreachable"
  | "timeout"
  | "throttled"
  | "server-error"
  | "malformed"
  | "not-collected"
  /** The cloud was not asked: there are no credentials for it. */
  | "no-credentials"
  /** The source can never tell: a file says nothing of pods. */
  | "not-given";

/** We could not find out. `grant` is the permission that was missing, when that is why. */
export interface Unknown {
  readonly state: "unknown";
  readonly why: UnknownReason;
  readonly detail: string;
  readonly grant?: Grant | AwsGrant | GoogleGrant;
  readonly origin: Origin;
}

/**
 * What we know of something: its value, that it is not there, or that we could not tell. `gaps` are the parts of a
 * known value that could not be read; whoever judges the value must not call it healthy while there are any.
 */
export type Known<T> =
  | { readonly state: "known"; readonly value: T; readonly gaps?: readonly Unknown[]; readonly origin: Origin }
  | { readonly state: "absent"; readonly origin: Origin }
  | Unknown;

export function known<T>(value: T, origin: Origin, gaps: readonly Unknown[] = []): Known<T> {
  return gaps.length === 0 ? { state: "known", value, origin } : { state: "known", value, origin, gaps };
}

export function absent(origin: Origin): Known<never> {
  return { state: "absent", origin };
}

/** The value of a known fact, or undefined. */
export function valueOf<T>(fact: Known<T>): T | undefined {
  return fact.state === "known" ? fact.value : undefined;
}
