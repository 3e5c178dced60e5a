/** An answer that is an error, with the code and text of the service. */
export class Refusal extends Error {
  readonly code: string;
  readonly status: number;
  /** Further elements of S3's error document. */
  readonly details: Readonly<Record<string, string>>;
  readonly headers: Readonly<Record<string, string>>;

  constructor(
    status: number,
    code: string,
    message: string,
    more: { details?: Readonly<Record<string, string>>; headers?: Readonly<Record<string, string>> } = {},
  ) {
    super(message);
    this.code = code;
    this.status = status;
    this.details = more.details ?? {};
    this.headers = more.headers ?? {};
  }
}

export function noSuchEntity(message: string): Refusal {
  return new Refusal(404, "NoSuchEntity", message);
}

export function validation(message: string): Refusal {
  return new Refusal(400, "ValidationError", message);
}
