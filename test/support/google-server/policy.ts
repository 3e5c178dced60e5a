import { createHash } from "node:crypto";

export interface Condition {
  readonly title?: string;
  readonly description?: string;
  readonly expression: string;
}

export interface Binding {
  readonly role: string;
  readonly members: readonly string[];
  readonly condition?: Condition;
}

/** What a policy looks like on the wire; a part that is not known here is kept. */
export interface WirePolicy {
  readonly version?: number;
  readonly etag?: string;
  readonly bindings?: readonly Binding[];
  readonly [more: string]: unknown;
}

/** The policy of one resource. */
export class Policy {
  bindings: readonly Binding[];
  #rest: Readonly<Record<string, unknown>> = {};
  #earlier: { readonly until: number; readonly bindings: readonly Binding[] }[] = [];
  #changes = 1;

  constructor(bindings: readonly Binding[] = []) {
    this.bindings = bindings;
  }

  get etag(): string {
    return Buffer.from(`policy ${this.#changes}`).toString("base64");
  }

  /** As the version that was asked for has it: an older one hides conditions behind another name of the role. */
  shown(requestedVersion: number): WirePolicy {
    const conditional = this.bindings.some(({ condition }) => condition !== undefined);
    const full = requestedVersion >= 3;
    const bindings = this.bindings.map((binding) =>
      binding.condition === undefined || full ? binding : { role: hidden(binding), members: binding.members },
    );
    const version = conditional && full ? 3 : 1;
    return { version, etag: this.etag, ...(bindings.length === 0 ? {} : { bindings }), ...this.#rest };
  }

  /** By what calls are judged at this time: a change is shown at once, and holds only when it has come everywhere. */
  inForce(time: number): readonly Binding[] {
    this.#earlier = this.#earlier.filter(({ until }) => until > time);
    return this.#earlier[0]?.bindings ?? this.bindings;
  }

  /** Puts it in place of what was there, as `setIamPolicy` does once it has looked at it; it holds from then on. */
  replace({ version: _, etag: __, bindings = [], ...rest }: WirePolicy, from = 0): void {
    this.#earlier.push({ until: from, bindings: this.bindings });
    this.bindings = bindings.filter(({ members }) => members.length > 0);
    this.#rest = rest;
    this.#changes += 1;
  }

  /** Changes members by Google's own doing; nobody's etag grows old by it. */
  rename(from: string, to: string): void {
    this.bindings = this.bindings.map((binding) => ({
      ...binding,
      members: binding.members.map((member) => (member === from ? to : member)),
    }));
  }

  hasMember(member: string): boolean {
    return this.bindings.some(({ members }) => members.includes(member));
  }
}

function hidden({ role, condition }: Binding): string {
  const hash = createHash("sha256").update(JSON.stringify(condition)).digest("hex").slice(0, 20);
  return `${role}_withcond_${hash}`;
}
