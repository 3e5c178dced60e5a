/** A document that is no policy: where, and why. Never leaves the reader. */
export class Malformed extends Error {
  readonly path: string;

  constructor(path: string, message: string) {
    super(message);
    this.name = "Malformed";
    this.path = path;
  }
}

export function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

/** The JSON pointer of a member (RFC 6901). */
export function pointer(path: string, key: string | number): string {
  return `${path}/${String(key).replaceAll("~", "~0").replaceAll("/", "~1")}`;
}
