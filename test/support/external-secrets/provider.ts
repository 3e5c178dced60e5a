/** What a provider answers for an entry: its properties, or words in which it refuses. */
export type Entry = Readonly<Record<string, string>>;

/** Stands in for a provider: entries by name, and what it refuses everything with. */
export class ProviderStandIn {
  readonly entries = new Map<string, Entry>();
  /** In the provider's own words. */
  refuses: string | undefined;
  /** The store cannot so much as authenticate. */
  unusable: string | undefined;

  /** @throws Error in the words in which External Secrets reports it */
  read(key: string, property: string | undefined): string {
    if (this.refuses !== undefined) throw new Error(this.refuses);
    const entry = this.entries.get(key);
    // esv1.NoSecretErr, which the providers make of their own `not found`.
    if (entry === undefined) throw new Error("Secret does not exist");
    if (property === undefined) return JSON.stringify(entry);
    const value = entry[property];
    if (value === undefined) throw new Error(`key ${property} does not exist in secret ${key}`);
    return value;
  }
}
