/** What an answer that says no says, in one form for all APIs. */
export interface Refusal {
  /** Reason of ErrorInfo, reason of storage, status, or the error of STS: the first that there is. */
  readonly code: string | undefined;
  /** One line. */
  readonly message: string;
  /** The permission that was missing, where it is named. */
  readonly permission: string | undefined;
  /** The API that is off, and where, where that is why. */
  readonly off: { readonly service: string; readonly project: string } | "no quota project" | undefined;
}

const NOTHING: Refusal = { code: undefined, message: "", permission: undefined, off: undefined };
const LONGEST_CODE = 100;
const LONGEST_WORDS = 1_000;
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
export function refusalIn(body: Buffer, clean: (text: string) => string): Refusal | undefined {
  const parsed = parse(body);
  if (parsed === undefined) return inWords(clean(body.toString("utf8", 0, LONGEST_WORDS)));
  const { error, error_description: description } = parsed;
  if (typeof error === "string")
    return { ...NOTHING, code: codeOf(error, clean), message: clean(textOf(description) ?? error) };
  if (typeof error !== "object" || error === null) return undefined;
  const { message, status, errors, details } = error as ApiError;
  const info = listOf(details).find((one) => one["@type"] === ERROR_INFO);
  const reason = textOf(info?.["reason"]) ?? textOf(listOf(errors)[0]?.["reason"]) ?? textOf(status);
  const metadata = (info?.["metadata"] ?? {}) as Record<string, unknown>;
  const words = clean(textOf(message) ?? "");
  return {
    code: reason === undefined ? undefined : codeOf(reason, clean),
    message: words,
    permission: permissionIn(textOf(metadata["permission"])) ?? permissionNamedIn(words),
    off: offIn(metadata, words),
  };
}

/** Objects are refused in plain words. What has others may be of a proxy. */
function inWords(words: string): Refusal | undefined {
  if (
    !/^(No such (object|bucket)\b|[^<]* does not have \S+ access to the Google Cloud |Bucket is a requester pays )/.test(
      words,
    )
  )
    return undefined;
  return { ...NOTHING, message: words, permission: permissionNamedIn(words) };
}

function permissionNamedIn(words: string): string | undefined {
  const [, denied, access, use] =
    /Permission '([^']+)' denied|does not have (\S+) access to|with the (serviceusage\.services\.use) permission/.exec(
      words,
    ) ?? [];
  return permissionIn(denied ?? access ?? use);
}

function permissionIn(text: string | undefined): string | undefined {
  return text !== undefined && /^[a-z][\w-]*(\.[\w-]+)+$/i.test(text) ? text : undefined;
}

/** `consumer` is `projects/NUMBER`: Google's own where a person's credentials name none that the calls are counted for. */
function offIn({ service, consumer }: Record<string, unknown>, words: string): Refusal["off"] {
  if (words.includes("requires a quota project")) return "no quota project";
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
