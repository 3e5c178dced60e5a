import { randomBytes } from "node:crypto";

/** Documents are kept as text, as IAM keeps them. */
export interface Role {
  readonly name: string;
  readonly path: string;
  readonly id: string;
  readonly createdAt: string;
  readonly description: string;
  trust: string;
  readonly maxSessionSeconds: number;
  readonly boundary: string | undefined;
  readonly tags: Readonly<Record<string, string>>;
  readonly inline: Map<string, string>;
  readonly attached: readonly string[];
}

export interface Key {
  readonly id: string;
  readonly secret: string;
  status: "Active" | "Inactive";
  readonly createdAt: string;
  lastUsedAt: string | undefined;
}

export interface User {
  readonly name: string;
  /** Of the account that it belongs to; another one than the server's is a stranger's. */
  readonly account: string;
  readonly id: string;
  readonly createdAt: string;
  readonly keys: Map<string, Key>;
  readonly inline: Map<string, string>;
  readonly attached: readonly string[];
}

export interface Provider {
  /** Without scheme. */
  readonly url: string;
  readonly clientIds: string[];
  readonly thumbprints: readonly string[];
  readonly tags: Readonly<Record<string, string>>;
  readonly createdAt: string;
}

export interface Association {
  readonly id: string;
  readonly namespace: string;
  readonly serviceAccount: string;
  readonly roleArn: string;
  readonly targetRoleArn: string | undefined;
  readonly disableSessionTags: boolean;
  readonly createdAt: string;
  readonly tags: Readonly<Record<string, string>>;
  readonly token: string | undefined;
}

export interface Cluster {
  readonly name: string;
  readonly region: string;
  readonly endpoint: string;
  readonly issuer: string | undefined;
  readonly autoMode: boolean;
  readonly encryptionKey: string | undefined;
  readonly associations: Map<string, Association>;
  readonly addOns: Map<string, string>;
}

/** What AWS tells everybody only after a while. */
export interface Account {
  readonly roles: Map<string, Role>;
  readonly users: Map<string, User>;
  readonly providers: Map<string, Provider>;
  /** Name → document. */
  readonly policies: Map<string, string>;
  readonly clusters: Map<string, Cluster>;
}

export interface StoredObject {
  readonly versionId: string | undefined;
  readonly body: Buffer;
  readonly modifiedAt: Date;
  readonly deleted: boolean;
}

export interface Bucket {
  readonly name: string;
  readonly region: string;
  readonly owner: string;
  readonly versioning: "Enabled" | "Suspended" | undefined;
  readonly objectLock: boolean;
  /** New versions cannot be deleted. */
  readonly retention: boolean;
  readonly encryption: string | undefined;
  readonly kmsKey: string | undefined;
  policy: string | undefined;
  /** Newest version first. */
  readonly objects: Map<string, StoredObject[]>;
}

/** Credentials that AssumeRole… gave out. */
export interface Session {
  readonly id: string;
  readonly secret: string;
  readonly token: string;
  readonly role: string;
  readonly sessionName: string;
  readonly expiresAt: number;
  readonly policy: string | undefined;
  readonly context: Readonly<Record<string, string>>;
}

/** All that the server knows; `lagMs`: for so long a read does not see what a write has changed. */
export class State {
  readonly account: string;
  readonly lagMs: number;
  readonly buckets = new Map<string, Bucket>();
  readonly sessions = new Map<string, Session>();
  denied: readonly string[] = [];
  readonly #current: Account = {
    roles: new Map(),
    users: new Map(),
    providers: new Map(),
    policies: new Map(),
    clusters: new Map(),
  };
  #earlier: { readonly until: number; readonly account: Account }[] = [];

  constructor(account: string, lagMs: number) {
    this.account = account;
    this.lagMs = lagMs;
  }

  /** As a read sees it. */
  get seen(): Account {
    this.#earlier = this.#earlier.filter(({ until }) => until > Date.now());
    return this.#earlier[0]?.account ?? this.#current;
  }

  /** As it is. */
  get actual(): Account {
    return this.#current;
  }

  change<T>(work: (account: Account) => T): T {
    if (this.lagMs > 0) this.#earlier.push({ until: Date.now() + this.lagMs, account: structuredClone(this.#current) });
    return work(this.#current);
  }

  arn(resource: string): string {
    return `arn:aws:iam::${this.account}:${resource}`;
  }

  roleArn({ path, name }: Role): string {
    return this.arn(`role${path}${name}`);
  }
}

/** `AROA…`, `AKIA…`: 20 or 21 characters, as AWS makes them. */
export function newId(prefix: string, length = 17): string {
  const letters = "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567";
  return prefix + [...randomBytes(length)].map((byte) => letters[byte % 32]).join("");
}

/** Without milliseconds, as AWS writes it. */
export function now(): string {
  return new Date().toISOString().replace(/\.\d+/, "");
}
