import { randomBytes } from "node:crypto";

import { CANARY_STEM } from "../canaries.ts";
import type { Caller } from "./caller.ts";
import type { ObjectKeeper } from "./object-keeper.ts";
import type { Policy } from "./policy.ts";

export interface Project {
  readonly id: string;
  readonly number: string;
  readonly policy: Policy;
  readonly services: Map<string, "ENABLED" | "DISABLED">;
  /** Custom roles: id → permissions. */
  readonly roles: Map<string, readonly string[]>;
  /** The workload pool: it stays once it is there. */
  workloadPool: boolean;
}

export interface NodePool {
  readonly name: string;
  mode: string | undefined;
  status: string;
}

export interface Cluster {
  readonly name: string;
  readonly location: string;
  readonly project: string;
  readonly autopilot: boolean;
  readonly datapath: string | undefined;
  readonly endpoint: string | undefined;
  /** Of its ServiceAccounts' tokens. */
  readonly issuer: string;
  readonly databaseEncryption: { readonly state: string; readonly currentState?: string; readonly keyName?: string };
  readonly nodePools: NodePool[];
  workloadPool: string | undefined;
  status: string;
}

/** A change of a cluster that takes a while. */
export interface Operation {
  readonly name: string;
  readonly type: string;
  /** Path of the cluster. */
  readonly cluster: string;
  readonly target: string;
  readonly work: () => void;
  /** How often it is yet to be asked for before it is done. */
  left: number;
}

export interface Account {
  readonly email: string;
  readonly project: string;
  readonly uniqueId: string;
  readonly displayName: string;
  readonly description: string;
  readonly policy: Policy;
  readonly groups: readonly string[];
  readonly keys: readonly { readonly id: string; readonly disabled: boolean; readonly validBefore: string }[];
  /** From when on others than who made it know of it, milliseconds. */
  readonly knownFrom: number;
  disabled: boolean;
}

export interface StoredObject {
  readonly generation: string;
  readonly body: Buffer;
  readonly contentType: string;
  readonly updated: string;
  live: boolean;
}

export interface Bucket {
  readonly name: string;
  readonly project: string;
  readonly location: string;
  readonly requesterPays: boolean;
  readonly uniformAccess: boolean;
  readonly versioning: boolean;
  /** Seconds. */
  readonly retention: number | undefined;
  readonly policy: Policy;
  /** Newest generation first. */
  readonly objects: Map<string, StoredObject[]>;
}

export interface HmacKey {
  readonly id: string;
  readonly secret: string;
  readonly account: string;
  readonly project: string;
  readonly createdAt: string;
  updatedAt: string;
  state: "ACTIVE" | "INACTIVE" | "DELETED";
  changes: number;
}

export interface Token {
  readonly caller: () => Caller | undefined;
  /** Milliseconds. */
  readonly expiresAt: number;
}

/** All that the server knows. */
export class State {
  /** Id of the project that is meant where none is named. */
  readonly project: string;
  readonly objects: ObjectKeeper;
  readonly projects = new Map<string, Project>();
  /** By path: `projects/P/locations/L/clusters/C`. */
  readonly clusters = new Map<string, Cluster>();
  readonly operations = new Map<string, Operation>();
  /** By email. */
  readonly accounts = new Map<string, Account>();
  readonly buckets = new Map<string, Bucket>();
  readonly hmacKeys = new Map<string, HmacKey>();
  readonly tokens = new Map<string, Token>();
  denied: readonly string[] = [];
  /** For so long a change of a policy, and a new account, are not seen everywhere, milliseconds. */
  lagMs = 0;
  /** By how much the clock is ahead, milliseconds. */
  clockOffsetMs = 0;

  constructor(project: string, objects: ObjectKeeper) {
    this.project = project;
    this.objects = objects;
  }

  /** Milliseconds. */
  time(): number {
    return Date.now() + this.clockOffsetMs;
  }

  /** By id or number. */
  projectOf(name: string): Project | undefined {
    return this.projects.get(name) ?? [...this.projects.values()].find(({ number }) => number === name);
  }

  /** An account, once the rest of Google knows of it. */
  knownAccount(email: string): Account | undefined {
    const account = this.accounts.get(email);
    return account !== undefined && account.knownFrom <= this.time() ? account : undefined;
  }

  /** The project whose workload pool this is, if there is such a pool. */
  poolProject(pool: string): Project | undefined {
    const project = this.projects.get(pool.replace(/\.svc\.id\.goog$/, ""));
    return pool.endsWith(".svc.id.goog") && project?.workloadPool === true ? project : undefined;
  }

  /** Every allow policy there is. */
  policies(): Policy[] {
    const holders = [...this.projects.values(), ...this.accounts.values(), ...this.buckets.values()];
    return holders.map(({ policy }) => policy);
  }

  /** A new access token. What the server gives out counts as a secret of the tests. */
  issue(caller: () => Caller | undefined, lifetimeMs: number): string {
    const token = `ya29.${CANARY_STEM}${randomBytes(24).toString("base64url")}`;
    this.tokens.set(token, { caller, expiresAt: this.time() + lifetimeMs });
    return token;
  }
}

/** 21 digits, as a service account's `uniqueId`. */
export function newUniqueId(): string {
  const digits = [...randomBytes(20)].map((byte) => byte % 10).join("");
  return `1${digits}`;
}

let lastGeneration = 0;

/** Microseconds, never the same twice. */
export function newGeneration(): string {
  lastGeneration = Math.max(lastGeneration + 1, Date.now() * 1000);
  return String(lastGeneration);
}

/** Without milliseconds. */
export function now(): string {
  return new Date().toISOString().replace(/\.\d+/, "");
}
