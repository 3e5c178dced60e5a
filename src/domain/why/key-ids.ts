import { shapesOf, type Shape } from "../values/classify.ts";
import { maskKeyId } from "./conceal.ts";

/** What the id of an access key shows of itself, wherever a server or a client quotes it. */
export interface KeyId {
  readonly family: "AKIA" | "ASIA" | "GOOG" | "other";
  /** `AKIA…MPLE`; undefined for what has no known prefix: it might be a secret in the wrong place. */
  readonly shown: string | undefined;
  readonly fault: Fault | undefined;
}

/** Ids of the failure catalogue, without their `value.` prefix but for the last. */
export type Fault = Shape | "csv-row" | "swapped" | "aws.id-is-not-a-key";

/** The most telling one first: base64 ends with a newline, too, when it was made with echo. */
const BY_WEIGHT: readonly Shape[] = [
  "echo-n-literal",
  "double-base64",
  "crlf",
  "trailing-newline",
  "line-break",
  "bom-or-invisible",
  "quotes",
  "placeholder",
  "leading-trailing-space",
  "empty",
];

/** Where ids stand: S3's error body, a SigV4 header or query, and `name: value` of logs. */
const PLACES: readonly RegExp[] = [
  /<AWSAccessKeyId>([^<]{0,300})<\/AWSAccessKeyId>/i,
  /(?<![-\w])Credential=([^]{0,300}?)\/\d{8}\//,
  /X-Amz-Credential=([^&%\s/]{0,300})(?:%2F|\/)/i,
  /(?<![-\w])Credential=([^/,]{0,300})\//,
  /\b(?:AWS_ACCESS_KEY_ID|aws[_-]?access[_-]?key[_-]?id|access[_ -]?key[_ -]?id)["']?\s{0,3}[:=]\s{0,3}["']?([^\s"',}]{3,300})/i,
];
const ANYWHERE = /(?<![A-Za-z0-9])((?:AKIA|ASIA|GOOG)[A-Z0-9]{8,})(?![A-Za-z0-9])/;
/** Users, roles and other things have ids as well, which are no keys (IAM user guide, "Unique identifiers"). */
const NOT_A_KEY = /^(AIDA|AROA|AGPA|AIPA|ANPA|ANVA|APKA|ASCA)[A-Z0-9]{12,}$/;

/** The first access key id in the text, which has to have its line breaks still. */
export function keyIdIn(prepared: string): KeyId | undefined {
  for (const place of PLACES) {
    const raw = place.exec(prepared)?.[1];
    if (raw !== undefined) return judge(raw);
  }
  const bare = ANYWHERE.exec(prepared)?.[1];
  return bare === undefined ? undefined : judge(bare);
}

function judge(raw: string): KeyId {
  const id = raw
    .trim()
    .replace(/^-n /, "")
    .replace(/^["']|["']$/g, "")
    .trim();
  const family = /^(AKIA|ASIA|GOOG)/.exec(id)?.[1] as KeyId["family"] | undefined;
  const shown = family !== undefined && /^[A-Z0-9]{12,128}$/.test(id) ? maskKeyId(id) : undefined;
  return { family: family ?? "other", shown, fault: faultOf(raw, id) };
}

function faultOf(raw: string, id: string): Fault | undefined {
  const shapes = shapesOf(Buffer.from(raw, "utf8"));
  if (/^[A-Za-z0-9+/]{4,}={1,2}$/.test(id)) return "double-base64";
  const shape = BY_WEIGHT.find((one) => shapes.includes(one));
  if (shape !== undefined) return shape;
  if (/^(AKIA|ASIA)[A-Z0-9]{8,},/.test(id)) return "csv-row";
  if (/^[A-Za-z0-9/+]{40}$/.test(id)) return "swapped";
  return NOT_A_KEY.test(id) ? "aws.id-is-not-a-key" : undefined;
}
