import type { Environment } from "./policy.ts";
import type { SuppressionEntry } from "./suppression.ts";

/** A value and the place that it was written in, `.antfly-creds.yaml:3:9`. */
export interface Setting<T> {
  readonly value: T;
  readonly from: string;
}

/** What configuration files say; flags win over all of it. */
export interface Configuration {
  /** Files that were read, the first one first in rank. */
  readonly files: readonly string[];
  readonly failOn: Setting<"error" | "warning"> | undefined;
  readonly allowUnknown: Setting<readonly string[]> | undefined;
  readonly only: Setting<readonly string[]> | undefined;
  readonly skip: Setting<readonly string[]> | undefined;
  readonly maxAgeDays: Setting<number> | undefined;
  readonly environments: Setting<readonly Environment[]> | undefined;
  readonly suppress: readonly SuppressionEntry[];
}

export const NO_CONFIGURATION: Configuration = {
  files: [],
  failOn: undefined,
  allowUnknown: undefined,
  only: undefined,
  skip: undefined,
  maxAgeDays: undefined,
  environments: undefined,
  suppress: [],
};

/** `first` wins, setting by setting; suppressions of both hold. */
export function mergeConfigurations(first: Configuration, second: Configuration): Configuration {
  return {
    files: [...first.files, ...second.files],
    failOn: first.failOn ?? second.failOn,
    allowUnknown: first.allowUnknown ?? second.allowUnknown,
    only: first.only ?? second.only,
    skip: first.skip ?? second.skip,
    maxAgeDays: first.maxAgeDays ?? second.maxAgeDays,
    environments: first.environments ?? second.environments,
    suppress: [...first.suppress, ...second.suppress],
  };
}
