const PLACEHOLDER = "[secret]";

/**
 * A secret value. Whatever prints, joins, serialises or inspects it gets `[secret]`; the bytes come out through
 * `reveal()` alone, which only the signer, the hasher and the Secret writer call.
 */
export class Sensitive {
  readonly #bytes: Uint8Array;

  constructor(value: Uint8Array | string) {
    this.#bytes = typeof value === "string" ? Buffer.from(value, "utf8") : value;
  }

  reveal(): Uint8Array {
    return this.#bytes;
  }

  /** Same bytes; how long it takes depends on the length alone. */
  equals(other: Sensitive): boolean {
    const mine = this.#bytes;
    const theirs = other.#bytes;
    let difference = mine.length ^ theirs.length;
    for (let i = 0; i < mine.length; i++) difference |= (mine[i] ?? 0) ^ (theirs[i] ?? 0);
    return difference === 0;
  }

  toString(): string {
    return PLACEHOLDER;
  }

  toJSON(): string {
    return PLACEHOLDER;
  }

  [Symbol.for("nodejs.util.inspect.custom")](): string {
    return PLACEHOLDER;
  }
}
