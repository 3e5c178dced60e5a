import { createCipheriv, createDecipheriv, randomBytes } from "node:crypto";
import { createServer, type ServerHttp2Stream } from "node:http2";

/** A KMS v2 plugin on a Unix socket: what `k8s.io/kms/apis/v2` asks of one, with a key of its own. */
export interface KmsPlugin {
  /** Names of the calls answered so far. */
  readonly calls: readonly string[];
  stop(): Promise<void>;
}

const KEY_ID = "the-only-key";
const SERVICE = "/v2.KeyManagementService/";

export async function startKmsPlugin(socket: string): Promise<KmsPlugin> {
  const key = randomBytes(32);
  const calls: string[] = [];
  const answers: Readonly<Record<string, (request: Buffer) => Buffer>> = {
    Status: () => message("v2", "ok", KEY_ID),
    Encrypt: (request) => message(seal(key, field(request, 1)), KEY_ID),
    Decrypt: (request) => message(open(key, field(request, 1))),
  };
  const server = createServer();
  server.on("stream", (stream, headers) => {
    const name = String(headers[":path"]).replace(SERVICE, "");
    const chunks: Buffer[] = [];
    stream.on("data", (chunk: Buffer) => chunks.push(chunk));
    stream.on("end", () => {
      calls.push(name);
      answer(stream, answers[name]?.(Buffer.concat(chunks).subarray(5)));
    });
  });
  const sessions = new Set<{ destroy(): void }>();
  server.on("session", (session) => sessions.add(session));
  await new Promise<void>((resolve) => server.listen(socket, resolve));
  return {
    calls,
    stop: () => {
      for (const session of sessions) session.destroy();
      return new Promise((resolve) => server.close(() => resolve()));
    },
  };
}

/** gRPC: a flag, the length, the message; what it came to stands in the trailers. */
function answer(stream: ServerHttp2Stream, body: Buffer | undefined): void {
  stream.respond({ ":status": 200, "content-type": "application/grpc" }, { waitForTrailers: true });
  stream.on("wantTrailers", () => stream.sendTrailers({ "grpc-status": body === undefined ? "12" : "0" }));
  if (body === undefined) return void stream.end();
  const head = Buffer.alloc(5);
  head.writeUInt32BE(body.length, 1);
  stream.end(Buffer.concat([head, body]));
}

/** Fields 1, 2, 3 … of a protobuf message, all of which are strings or bytes. */
function message(...fields: readonly (string | Buffer)[]): Buffer {
  return Buffer.concat(
    fields.flatMap((value, i) => {
      const bytes = Buffer.from(value as string);
      return [Buffer.from([((i + 1) << 3) | 2]), varint(bytes.length), bytes];
    }),
  );
}

function varint(n: number): Buffer {
  return n < 0x80 ? Buffer.from([n]) : Buffer.concat([Buffer.from([(n & 0x7f) | 0x80]), varint(n >> 7)]);
}

/** The bytes of a field; every field of these requests has a length. */
function field(request: Buffer, wanted: number): Buffer {
  let at = 0;
  const next = (): number => {
    let value = 0;
    for (let shift = 0; ; shift += 7) {
      const byte = request[at++] ?? 0;
      value |= (byte & 0x7f) << shift;
      if (byte < 0x80) return value;
    }
  };
  while (at < request.length) {
    const number = next() >> 3;
    const length = next();
    if (number === wanted) return request.subarray(at, at + length);
    at += length;
  }
  return Buffer.alloc(0);
}

function seal(key: Buffer, plain: Buffer): Buffer {
  const nonce = randomBytes(12);
  const cipher = createCipheriv("aes-256-gcm", key, nonce);
  const sealed = Buffer.concat([cipher.update(plain), cipher.final()]);
  return Buffer.concat([nonce, cipher.getAuthTag(), sealed]);
}

function open(key: Buffer, sealed: Buffer): Buffer {
  const decipher = createDecipheriv("aes-256-gcm", key, sealed.subarray(0, 12));
  decipher.setAuthTag(sealed.subarray(12, 28));
  return Buffer.concat([decipher.update(sealed.subarray(28)), decipher.final()]);
}
