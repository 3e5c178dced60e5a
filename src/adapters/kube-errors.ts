import { UserError } from "../domain/errors.ts";
import type { Redactor } from "../domain/redact.ts";
import { printable } from "../domain/text.ts";
import { KubeError, type KubeFailure } from "../ports.ts";
import { networkCode, networkReason } from "./network-errors.ts";

/** What a server that is no Kubernetes API server, or a broken one, sent. */
const LONGEST_MESSAGE = 300;
const UNKNOWN_GROUP = "404 page not found";

/** The connection broke before an answer came: another try may help. */
export function isCut(error: unknown): boolean {
  return ["ECONNRESET", "UND_ERR_SOCKET", "EPIPE"].includes(networkCode(error) ?? "");
}

/** Says in one line why no answer came. Never uses the library's own message: it may hold headers and bodies. */
export function explainFailure(
  error: unknown,
  { server, context }: { readonly server: string; readonly context: { readonly name: string } },
  timeoutMs: number,
): KubeError | UserError {
  if (error instanceof KubeError || error instanceof UserError) return error;
  if (error instanceof Error && (error.name === "TimeoutError" || error.name === "AbortError")) {
    return new KubeError("timeout", `the API server ${server} did not answer within ${timeoutMs / 1000} s`);
  }
  const code = networkCode(error);
  if (code?.startsWith("ERR_OSSL") === true) {
    const what = `a certificate or a key of context "${printable(context.name)}"`;
    return new UserError("bad-certificate", `${what} cannot be used (${code.replace("ERR_OSSL_", "")})`);
  }
  if (code !== undefined) {
    return new KubeError(
      "unreachable",
      `the API server ${server} cannot be reached: ${networkReason(code, "the authority in the kubeconfig")}`,
    );
  }
  return new KubeError("unreachable", `the API server ${server} cannot be reached`);
}

/** Turns an HTTP answer that is not a success into a KubeError, worded by the server's own Status when there is one. */
export function explainStatus(
  status: number,
  text: string,
  body: unknown,
  what: string,
  redactor: Redactor,
): KubeError {
  const answer = asStatus(body);
  if (answer === undefined) {
    // What kube-apiserver says of a group that nobody serves. Any other page is not its own.
    if (status === 404 && text.trim() === UNKNOWN_GROUP)
      return new KubeError("not-served", `${what}: the server does not serve it`, status);
    if (status === 404) return notKubernetes(text, what);
    if (status === 401) return new KubeError("unauthorized", "the API server does not accept the credentials", status);
    if (status === 403) {
      return new KubeError(
        "malformed",
        `something in front of the API server refused to ${what} (403, not an answer of Kubernetes)`,
        status,
      );
    }
    return new KubeError(failureOf(status), `${what}: the server answered ${status} without saying why`, status);
  }
  // Cleaned while it is whole: cut or flattened, a value would no longer be recognised. A server quotes short ones too.
  const message = printable(redactor.cleanQuoted(answer.message)).slice(0, LONGEST_MESSAGE);
  if (status === 401) {
    return new KubeError(
      "unauthorized",
      "the API server does not accept the credentials of this context (401 Unauthorized)",
      status,
    );
  }
  if (status === 404 && answer.name === undefined) return new KubeError("not-served", message, status);
  return new KubeError(failureOf(status), message === "" ? `${what}: ${status}` : message, status);
}

function failureOf(status: number): KubeFailure {
  if (status === 401) return "unauthorized";
  if (status === 403) return "forbidden";
  if (status === 404) return "not-found";
  if (status === 409) return "conflict";
  if (status === 429) return "throttled";
  if (status === 504 || status === 408) return "timeout";
  return status >= 500 ? "server-error" : "invalid";
}

function asStatus(body: unknown): { message: string; name: string | undefined } | undefined {
  if (typeof body !== "object" || body === null) return undefined;
  const { kind, message, details } = body as { kind?: unknown; message?: unknown; details?: { name?: unknown } | null };
  if (kind !== "Status") return undefined;
  const name = details?.name;
  return {
    message: typeof message === "string" ? message : "",
    name: typeof name === "string" && name !== "" ? name : undefined,
  };
}

/** A 2xx answer that is not what was asked for. */
export function notKubernetes(body: string, what: string): KubeError {
  const looksHtml = /^\s*<(!doctype|html|head|body)/i.test(body);
  return new KubeError(
    "malformed",
    looksHtml
      ? `${what}: the answer is an HTML page (a login page or a proxy?), not an answer of Kubernetes`
      : `${what}: the answer is not what Kubernetes would send`,
  );
}
