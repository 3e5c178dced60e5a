import { Refusal } from "./refusal.ts";
import type { GoogleRequest } from "./request.ts";

export interface Upload {
  readonly name: string;
  readonly contentType: string;
  readonly body: Buffer;
}

/** What an upload in one request holds. @throws Refusal for another kind, or one that is malformed */
export function readUpload({ query, headers, body }: GoogleRequest): Upload {
  const type = query.get("uploadType");
  const contentType = headers["content-type"] ?? "application/octet-stream";
  if (type === "media") return { name: named(query.get("name")), contentType, body };
  if (type !== "multipart") throw new Refusal(400, "invalid", `This server takes no upload of type ${type}.`);
  const [, boundary] = /boundary="?([^";]+)"?/.exec(contentType) ?? [];
  const [, first, second] = boundary === undefined ? [] : partsOf(body, boundary);
  if (first === undefined || second === undefined) throw new Refusal(400, "badRequest", "Malformed multipart body.");
  const metadata = JSON.parse(first.content.toString("utf8")) as { name?: string; contentType?: string };
  return {
    name: named(metadata.name ?? query.get("name")),
    contentType: metadata.contentType ?? second.contentType,
    body: second.content,
  };
}

function named(name: string | null | undefined): string {
  if (name === null || name === undefined || name === "") throw new Refusal(400, "required", "Required object name.");
  return name;
}

interface Part {
  readonly contentType: string;
  readonly content: Buffer;
}

/** The parts between the boundaries; what stands before the first is one too. */
function partsOf(body: Buffer, boundary: string): Part[] {
  const parts: Part[] = [];
  const mark = Buffer.from(`--${boundary}`);
  let start = 0;
  for (let at = body.indexOf(mark); at >= 0; at = body.indexOf(mark, start)) {
    parts.push(partOf(body.subarray(start, at)));
    start = at + mark.length;
  }
  return parts;
}

function partOf(bytes: Buffer): Part {
  const blank = bytes.indexOf("\r\n\r\n");
  const head = bytes.subarray(0, Math.max(blank, 0)).toString("latin1");
  const [, contentType = "application/octet-stream"] = /content-type: *([^\r\n]+)/i.exec(head) ?? [];
  const end = bytes.subarray(-2).toString("latin1") === "\r\n" ? bytes.length - 2 : bytes.length;
  return { contentType, content: blank < 0 ? Buffer.alloc(0) : bytes.subarray(blank + 4, end) };
}
