import type { Clues } from "./clues.ts";
import type { Fault } from "./key-ids.ts";
import { high, low, medium, type Guess, type Symptom } from "./symptom.ts";
import { theKey } from "./words.ts";

/** Wherever one of these is said, a look at the id of the key is worth it. */
const KEY_TROUBLE =
  /InvalidAccessKeyId|InvalidClientTokenId|UnrecognizedClientException|AuthorizationHeaderMalformed|SignatureDoesNotMatch|invalid header|invalid character in header|header value|InvalidSecurity|Credential=|Access Key Id you provided|security token included in the request/i;

/** What the id shows of itself decides before what the server says of it. */
const FAULTS: Readonly<Partial<Record<Fault, readonly [Guess["cause"], string]>>> = {
  "echo-n-literal": ["value.echo-n-literal", "The key id begins with a literal -n: echo -n under sh wrote it."],
  "double-base64": ["value.double-base64", "The key id is base64 still: it was encoded once more than it should be."],
  crlf: ["value.crlf", "The key id ends with a carriage return: it comes from a file with Windows line ends."],
  "trailing-newline": [
    "value.trailing-newline",
    "The key id ends with a newline, and the secret key most likely does too.",
  ],
  "bom-or-invisible": ["value.bom-or-invisible", "The key id holds an invisible or typographic character."],
  quotes: ["value.quotes", "The key id is wrapped in quotation marks, which are part of the value."],
  placeholder: ["value.placeholder", "The key id is one from an example in the documentation."],
  "leading-trailing-space": ["value.leading-trailing-space", "There is white space around the key id."],
  empty: ["value.empty", "The key id is empty."],
  "csv-row": ["value.csv-row", "The key id is a whole row of the CSV file: id and secret key with a comma between."],
  swapped: [
    "value.swapped",
    "What was sent as the key id has the length of a secret key: the two are swapped, and the secret is in the logs of the store.",
  ],
  "aws.id-is-not-a-key": ["aws.id-is-not-a-key", "The id is that of a user or a role, not of an access key."],
};

const ON_SECRET = [
  medium("value.trailing-newline", "The secret key may end with a newline, as echo writes it."),
  medium("aws.secret-wrong", (c: Clues) => `The secret key does not belong to ${theKey(c)}.`),
];
/** Headers that newer AWS SDKs add, and that some stores count or change. */
const CHECKSUM_HEADERS =
  /x-amz-checksum-|x-amz-sdk-checksum-algorithm|STREAMING-UNSIGNED-PAYLOAD-TRAILER|accept-encoding:(?! ?identity)/i;
const of = (family: string) => (c: Clues) => c.keyId?.family === family;

/** Ids, secrets and signatures (failure catalogue, sections 2.2, 3.1 and 3.3). */
export const KEYS: readonly Symptom[] = [
  {
    topic: "key",
    seen: /RequestTimeTooSkewed|difference between the request time and the (?:current|server.?s) time is too large|Signature expired\b|\bnot yet current\b/i,
    means: [
      high("aws.clock-skew", "The time of the request is too far from the server's: the clock of the node is wrong."),
    ],
  },
  {
    topic: "key",
    seen: /XAmzContentSHA256Mismatch|ExcessHeaderValues|Missing required header.{0,30}Content-MD5 OR x-amz-checksum|Unsupported header 'x-amz-sdk-checksum-algorithm'|aws-chunked encoding is not supported/i,
    means: [
      high(
        "compat.sdk-checksum",
        "The store does not take the checksum headers that newer AWS SDKs add; the key may be in order.",
      ),
    ],
  },
  {
    topic: "key",
    seen: [/SignatureDoesNotMatch|request signature we calculated/i, CHECKSUM_HEADERS],
    means: [
      medium(
        "compat.sdk-checksum",
        "The signed headers are those that newer AWS SDKs add; stores that change or ignore them find another signature.",
      ),
      ...ON_SECRET,
    ],
  },
  ...Object.entries(FAULTS).map(([fault, [cause, because]]): Symptom => ({
    topic: "key",
    seen: KEY_TROUBLE,
    when: (c) => c.keyId?.fault === fault,
    means: [
      high(cause, because),
      medium(
        "aws.key-unknown",
        (c) => `Otherwise the store does not know ${theKey(c)}.`,
        (c) => fault === "placeholder" && c.keyId?.shown !== undefined,
      ),
    ],
  })),
  {
    topic: "key",
    seen: /invalid header field value for "Authorization"|invalid header field value for "X-Amz-Security-Token"|Invalid character in header content \["authorization"\]|Invalid header value b?['"]AWS4|reserved character\(s\), or return character\(s\) in header value/i,
    means: [
      medium(
        "value.trailing-newline",
        "The Authorization header holds a control character, and the only foreign part of it is the key id: most often a newline at its end.",
      ),
      medium("value.crlf", "It may be a carriage return, from a file with Windows line ends."),
      low("value.echo-n-literal", "The key id may begin with a literal -n."),
    ],
  },
  {
    topic: "key",
    seen: /Invalid header value|invalid header field value/i,
    unless: /Bearer|Basic |invalid header field value for "|Token /i,
    means: [
      medium(
        "value.trailing-newline",
        "A header holds a control character: a key id that ends with a newline does that.",
      ),
    ],
  },
  {
    topic: "key",
    seen: /non-empty Access Key \(AKID\) must be provided/i,
    means: [high("value.empty", "The key id that was sent is empty.")],
  },
  {
    topic: "key",
    seen: /the Credential is mal-?formed/i,
    means: [
      medium(
        "value.leading-trailing-space",
        "The credential in the header does not have the form that it should: there may be white space in the key id.",
      ),
      medium("value.swapped", "Or the secret key was sent as the key id: it may hold a slash, which an id never does."),
    ],
  },
  {
    topic: "key",
    seen: /Your account is disabled; please contact your administrator/i,
    means: [high("aws.key-inactive", "MinIO says that the user of the key is disabled.")],
  },
  {
    topic: "key",
    seen: /InvalidAccessKeyId|InvalidSecurity|SignatureDoesNotMatch|InvalidClientTokenId/i,
    when: (c) =>
      of("GOOG")(c) &&
      /amazonaws|<AWSAccessKeyId>[^]{0,400}HostId|AWS Access Key Id/i.test(c.flat) &&
      !/google/i.test(c.flat),
    means: [high("s3.endpoint-key-mismatch", (c) => `${theKey(c)} is a Google HMAC key, and it was sent to AWS.`)],
  },
  {
    topic: "key",
    seen: /InvalidAccessKeyId|InvalidSecurity/i,
    when: (c) => of("GOOG")(c) || /InvalidSecurity/i.test(c.flat),
    means: [
      medium("gke.hmac-unknown", (c) => `Google does not know ${theKey(c)} as that of an HMAC key.`),
      medium("gke.hmac-inactive", "The HMAC key may be inactive."),
      medium("gke.hmac-deleted", "The HMAC key may have been deleted."),
    ],
  },
  {
    topic: "key",
    seen: /SignatureDoesNotMatch|request signature we calculated|InvalidSignatureException/i,
    means: [
      ...ON_SECRET,
      low(
        "compat.sdk-checksum",
        "Stores other than AWS find another signature where a newer SDK adds checksum headers.",
      ),
      low("aws.clock-skew", "A wrong clock is told like this, too, with the times in the message."),
    ],
  },
  {
    topic: "key",
    seen: /\bExpiredToken(?:Exception)?\b|The provided token has expired|security token included in the request is expired/i,
    means: [
      high(
        "aws.asia-in-secret",
        (c) =>
          `A temporary key has run out${c.keyId?.shown === undefined ? "" : `: ${c.keyId.shown}`}; it was stored as if it were a lasting one.`,
      ),
      medium("irsa.token-expired", "With a role, the program keeps old credentials instead of asking again."),
    ],
  },
  {
    topic: "key",
    seen: /\bInvalidToken(?:Id)?\b|provided token is malformed or otherwise invalid/i,
    unless: /\(InvalidTokenException\)|\bjwt\b|bearer|oauth|oidc/i,
    means: [
      high(
        "aws.akia-with-token",
        (c) => `${theKey(c)} is a lasting key, and a session token was sent with it, left from another.`,
        of("AKIA"),
      ),
      medium(
        "aws.akia-with-token",
        "The session token does not belong to the key: AWS_SESSION_TOKEN may be left from another.",
        (c) => !of("AKIA")(c),
      ),
      low("value.truncated", "The token may have been cut off."),
    ],
  },
];
