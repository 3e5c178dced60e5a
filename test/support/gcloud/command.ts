import type { Client } from "./client.ts";

/** A flag: one with a value, one of a few values, or one without. */
export type Flag = "value" | readonly string[] | "switch";

export interface Words {
  /** Positional arguments. */
  readonly names: readonly string[];
  readonly flags: ReadonlyMap<string, string>;
}

export interface Run extends Words {
  readonly client: Client;
  /** `--project`, or that of the environment. @throws GcloudFailure where neither is there */
  readonly project: () => string;
}

/** A command as the reference of gcloud has it, as far as its flags are used here. */
export interface Command {
  /** Names of its positional arguments; one that ends with `...` takes any number. */
  readonly positional?: readonly string[];
  readonly flags?: Readonly<Record<string, Flag>>;
  readonly required?: readonly string[];
  /** One of each of these has to be there, and no more. */
  readonly oneOf?: readonly (readonly string[])[];
  /** What it prints; undefined for nothing. */
  readonly run: (run: Run) => Promise<unknown>;
}

/** By its words: `iam service-accounts create`. */
export type Commands = Readonly<Record<string, Command>>;
