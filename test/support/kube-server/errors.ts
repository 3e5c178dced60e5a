import type { Kind } from "./kinds.ts";

/** An answer that is a Status of kind Failure, worded as kube-apiserver words it. */
export class ApiError extends Error {
  readonly code: number;
  readonly reason: string;
  readonly details: Record<string, unknown> | undefined;
  readonly headers: Record<string, string>;

  constructor(
    code: number,
    reason: string,
    message: string,
    details?: Record<string, unknown>,
    headers: Record<string, string> = {},
  ) {
    super(message);
    this.code = code;
    this.reason = reason;
    this.details = details;
    this.headers = headers;
  }

  toStatus(): object {
    const { code, reason, details, message } = this;
    return {
      kind: "Status",
      apiVersion: "v1",
      metadata: {},
      status: "Failure",
      message,
      reason,
      ...(details === undefined ? {} : { details }),
      code,
    };
  }
}

/** `secrets`, `antflyclusters.antfly.io`. */
export function qualified({ group, resource }: Kind): string {
  return group === "" ? resource : `${resource}.${group}`;
}

function detailsOf(kind: Kind, name: string): Record<string, unknown> {
  return { name, ...(kind.group === "" ? {} : { group: kind.group }), kind: kind.resource };
}

export function notFound(kind: Kind, name: string): ApiError {
  return new ApiError(404, "NotFound", `${qualified(kind)} "${name}" not found`, detailsOf(kind, name));
}

export function alreadyExists(kind: Kind, name: string): ApiError {
  return new ApiError(409, "AlreadyExists", `${qualified(kind)} "${name}" already exists`, detailsOf(kind, name));
}

export function conflict(kind: Kind, name: string, why: string): ApiError {
  return new ApiError(
    409,
    "Conflict",
    `Operation cannot be fulfilled on ${qualified(kind)} "${name}": ${why}`,
    detailsOf(kind, name),
  );
}

export const MODIFIED = "the object has been modified; please apply your changes to the latest version and try again";

export interface Cause {
  readonly reason: string;
  readonly message: string;
  readonly field: string;
}

/** One or several fields of an object are wrong. */
export function invalid(kind: Kind, name: string, causes: readonly Cause[]): ApiError {
  const title = kind.group === "" ? kind.kind : `${kind.kind}.${kind.group}`;
  const texts = causes.map(({ field, message }) => `${field}: ${message}`);
  const message = `${title} "${name}" is invalid: ${texts.length === 1 ? texts[0] : `[${texts.join(", ")}]`}`;
  return new ApiError(422, "Invalid", message, {
    name,
    ...(kind.group === "" ? {} : { group: kind.group }),
    kind: kind.kind,
    causes,
  });
}

export function badRequest(message: string): ApiError {
  return new ApiError(400, "BadRequest", message);
}

export function noSuchPath(): ApiError {
  return new ApiError(404, "NotFound", "the server could not find the requested resource", {});
}
