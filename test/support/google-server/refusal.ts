import { json, type Answer } from "./answer.ts";

/** How an API words its errors: those with a gRPC status, Cloud Storage, the token service, the metadata server. */
export type ErrorStyle = "rpc" | "storage" | "oauth" | "plain";

/** An answer that is an error. */
export class Refusal extends Error {
  readonly status: number;
  /** `PERMISSION_DENIED`, `invalid_grant`, or Cloud Storage's `reason`. */
  readonly code: string;
  readonly details: readonly object[];

  constructor(status: number, code: string, message: string, details: readonly object[] = []) {
    super(message);
    this.status = status;
    this.code = code;
    this.details = details;
  }
}

/** `google.rpc.ErrorInfo`, the machine's part of an error. */
export function errorInfo(reason: string, domain: string, metadata: Readonly<Record<string, string>>): object {
  return { "@type": "type.googleapis.com/google.rpc.ErrorInfo", reason, domain, metadata };
}

export function notFound(message: string): Refusal {
  return new Refusal(404, "NOT_FOUND", message);
}

export function invalidArgument(message: string): Refusal {
  return new Refusal(400, "INVALID_ARGUMENT", message);
}

/** A permission of IAM's own that somebody does not have; whether the thing is there is not said. */
export function iamDenied(permission: string, resource?: string): Refusal {
  const message = `Permission '${permission}' denied on resource (or it may not exist).`;
  const metadata = { permission, ...(resource === undefined ? {} : { resource }) };
  return new Refusal(403, "PERMISSION_DENIED", message, [
    errorInfo("IAM_PERMISSION_DENIED", "iam.googleapis.com", metadata),
  ]);
}

export function errorAnswer({ status, code, message, details }: Refusal, style: ErrorStyle): Answer {
  if (style === "plain") return { status, headers: { "content-type": "text/html" }, body: message };
  if (style === "oauth") return json({ error: code, error_description: message }, status);
  if (style === "storage") {
    const errors = [{ message, domain: "global", reason: code, ...details[0] }];
    return json({ error: { code: status, message, errors } }, status);
  }
  const more = details.length === 0 ? {} : { details };
  return json({ error: { code: status, message, status: code, ...more } }, status);
}
