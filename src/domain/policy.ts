/** An environment, as its owners call it, and the namespaces that belong to it. */
export interface Environment {
  readonly name: string;
  /** Names, with `*` for any run of characters. */
  readonly namespaces: readonly string[];
}

/** What the configuration asks of checks. */
export interface Policy {
  /** Days after which a credential should have been replaced. */
  readonly maxAgeDays: number;
  readonly environments: readonly Environment[];
  /** The pods' identity in the cloud is for something else than backups, and somebody has said so. */
  readonly identityOnly: boolean;
}

/** The published guide's: rotate at least every 90 days. */
export const USUAL_POLICY: Policy = { maxAgeDays: 90, environments: [], identityOnly: false };

/** Whether a name fits a pattern with `*`. */
export function fitsPattern(name: string, pattern: string): boolean {
  const parts = pattern.split("*").map((part) => part.replace(/[\\^$.+?()[\]{}|]/g, "\\$&"));
  return new RegExp(`^${parts.join(".*")}$`, "s").test(name);
}

/** Names of the environments that a namespace belongs to. */
export function environmentsOf(namespace: string, { environments }: Policy): string[] {
  return environments
    .filter((environment) => environment.namespaces.some((pattern) => fitsPattern(namespace, pattern)))
    .map(({ name }) => name);
}
