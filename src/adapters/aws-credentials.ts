import type { Redactor } from "../domain/redact.ts";
import { Sensitive } from "../domain/sensitive.ts";
import { sentenceList } from "../domain/text.ts";
import type { AwsCredentials } from "../ports.ts";

/** Credentials as the SDK takes them. */
export interface Credentials {
  readonly accessKeyId: string;
  readonly secretAccessKey: string;
  readonly sessionToken?: string;
  readonly expiration?: Date;
}

/** Why a place that was looked in gave no credentials, in words of ours, and what helps when it is the reason for all. */
export interface Nothing {
  readonly why: string;
  readonly next?: string;
}

/** One place to look in. */
export type Source = () => Promise<Credentials | Nothing>;

/** No credentials of one's own could be had. The message says what was tried and what to do. */
export class NoCredentials extends Error {}

/** New ones are fetched when what is left is shorter than this. */
const RENEW_MS = 300_000;
const NEXT = "give --profile NAME, or set AWS_PROFILE or AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY";

/**
 * The tool's own identity: what the first place has. It is kept until it is about to expire; that there is none is kept as
 * well, since each further call would only try the same again.
 */
export function ownCredentials(
  sources: () => Promise<readonly Source[]>,
  redactor: Redactor,
): () => Promise<Credentials> {
  const load = async (): Promise<Credentials> => {
    const found = await firstOf(await sources());
    for (const secret of [found.secretAccessKey, found.sessionToken])
      if (secret !== undefined) redactor.watch(new Sensitive(secret));
    return found;
  };
  let current: Promise<Credentials> | undefined;
  return async () => {
    current ??= load();
    const asked = current;
    const { expiration } = await asked;
    if (expiration !== undefined && expiration.getTime() - Date.now() < RENEW_MS && current === asked) current = load();
    return current;
  };
}

async function firstOf(sources: readonly Source[]): Promise<Credentials> {
  const nothing: Nothing[] = [];
  for (const source of sources) {
    const found = await source();
    if ("accessKeyId" in found) return found;
    nothing.push(found);
  }
  const next = nothing.find((one) => one.next !== undefined)?.next ?? NEXT;
  throw new NoCredentials(`no AWS credentials: ${sentenceList(nothing.map(({ why }) => why))}; ${next}`);
}

/** Credentials that were read or made in this run, as the SDK takes them; what is secret in them is known as such from now on. */
export function revealed(
  { accessKeyId, secretAccessKey, sessionToken }: AwsCredentials,
  redactor: Redactor,
): Credentials {
  for (const secret of [secretAccessKey, sessionToken]) if (secret !== undefined) redactor.watch(secret);
  const text = (secret: Sensitive): string => Buffer.from(secret.reveal()).toString("utf8");
  return {
    accessKeyId: text(accessKeyId),
    secretAccessKey: text(secretAccessKey),
    ...(sessionToken === undefined ? {} : { sessionToken: text(sessionToken) }),
  };
}
