/** What an answer that says no says, in one form for all APIs. */
export interface Refusal {
  /** Reason of ErrorInfo, reason of storage, status, or the error of STS: the first that there is. */
  readonly code: string | undefined;
  /** One line. */
  readonly message: string;
  /** The permission that was missing, where it is named. */
  readonly permission: string | undefined;
  /** The API that is off, and where, where that is why. */
  readonly off: { readonly service: string; readonly project: string } | undefined;
}

const NOTHING: Refusal = { code: undefined, message: "", permission: undefined, off: undefined };
const LONGEST_CODE = 100;
const ERROR_INFO = "type.googleapis.com/google.rpc.ErrorInfo";

interface ApiError {
  readonly message?: unknown;
  readonly status?: unknown;
  readonly errors?: unknown;
  readonly details?: unknown;
}

/**
 * Google's APIs answer `{"error": {code, message, status, details}}` (AIP-193), storage with `errors[].reason` in it, and
 * STS `{"error": "…", "error_description": "…"}` (RFC 6749). Undefined for what is none of these. `clean` makes one line
 * that can be printed.
 */
export function refusalIn(
  { contentType, body }: { readonly contentType: string; readonly body: Buffer },
  clean: (text: string) => string,
): Refusal | undefined {
  const parsed = parse(body);
  if (parsed === undefined) {
    // Uploads and media are refused in plain words.
    const words = contentType.startsWith("text/plain") ? clean(body.toString("utf8")) : "";
    return words === "" ? undefined : { ...NOTHING, message: words };
  }
  const { error, error_description: description } = parsed;
  if (typeof error === "string")
    return { ...NOTHING, code: codeOf(error, clean), message: clean(textOf(description) ?? error) };
  if (typeof error !== "object" || error === null) return undefined;
  const { message, status, errors, details } = error as ApiError;
  const info = listOf(details).find((one) => one["@type"] === ERROR_INFO);
  const reason = textOf(info?.["reason"]) ?? textOf(listOf(errors)[0]?.["reason"]) ?? textOf(status);
  const metadata = (info?.["metadata"] ?? {}) as Record<string, unknown>;
  const named = textOf(metadata["permission"]) ?? /Permission '([^']+)' denied/.exec(textOf(message) ?? "")?.[1];
  return {
    code: reason === undefined ? undefined : codeOf(reason, clean),
    message: clean(textOf(message) ?? ""),
    permission: named !== undefined && /^[a-z][\w-]*(\.[\w-]+)+$/i.test(named) ? named : undefined,
    off: offIn(metadata),
  };
}

/** `consumer` is `projects/NUMBER`. */
function offIn({ service, consumer }: Record<string, unknown>): Refusal["off"] {
  const project = /^projects\/([a-z0-9:.-]+)$/.exec(textOf(consumer) ?? "")?.[1];
  const name = textOf(service);
  return project === undefined || name === undefined || !/^[a-z0-9.-]+$/.test(name)
    ? undefined
    : { service: name, project };
}

function parse(body: Buffer): Record<string, unknown> | undefined {
  try {
    const parsed: unknown = JSON.parse(body.toString("utf8"));
    return typeof parsed === "object" && parsed !== null ? (parsed as Record<string, unknown>) : undefined;
  } catch {
    return undefined;
  }
}

function codeOf(text: string, clean: (text: string) => string): string {
  return clean(text).slice(0, LONGEST_CODE);
}

function textOf(value: unknown): string | undefined {
  return typeof value === "string" && value !== "" ? value : undefined;
}

function listOf(value: unknown): readonly Record<string, unknown>[] {
  return Array.isArray(value)
    ? value.filter((one): one is Record<string, unknown> => typeof one === "object" && one !== null)
    : [];
}
