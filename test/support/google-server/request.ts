import type { IncomingMessage } from "node:http";

/** A request taken apart. */
export interface GoogleRequest {
  readonly method: string;
  /** Still encoded, with the API's prefix. */
  readonly rawPath: string;
  readonly query: URLSearchParams;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: Buffer;
  readonly token: string | undefined;
}

export async function readRequest(message: IncomingMessage): Promise<GoogleRequest> {
  const chunks: Buffer[] = [];
  for await (const chunk of message) chunks.push(chunk as Buffer);
  const url = message.url ?? "/";
  const mark = url.indexOf("?");
  const headers = Object.fromEntries(
    Object.entries(message.headers).map(([name, value]) => [
      name,
      Array.isArray(value) ? value.join(",") : (value ?? ""),
    ]),
  );
  return {
    method: message.method ?? "GET",
    rawPath: mark < 0 ? url : url.slice(0, mark),
    query: new URLSearchParams(mark < 0 ? "" : url.slice(mark + 1)),
    headers,
    body: Buffer.concat(chunks),
    token: /^Bearer (.+)$/.exec(headers["authorization"] ?? "")?.[1],
  };
}

// oxlint-disable-next-line typescript/no-explicit-any -- bodies of any call
export type Json = any;

/** The body as JSON; undefined where it is none. */
export function jsonBody({ body }: GoogleRequest): Json {
  if (body.length === 0) return {};
  try {
    return JSON.parse(body.toString("utf8"));
  } catch {
    return undefined;
  }
}
