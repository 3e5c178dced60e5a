import type { Clues } from "./clues.ts";
import { high, low, medium, type Symptom } from "./symptom.ts";
import { theKey } from "./words.ts";

const UNKNOWN_ID =
  /InvalidAccessKeyId|InvalidClientTokenId|UnrecognizedClientException|Access Key Id you provided does not exist|security token included in the request is invalid/i;
const CHINA_OR_GOV = /\.amazonaws\.com\.cn|\b(?:cn-north|cn-northwest|us-gov-(?:east|west)|us-iso\w?-\w+)-\d/i;

const isHidden = ({ keyId }: Clues): boolean => keyId?.shown === undefined;

function isOddLength({ keyId, flat }: Clues): boolean {
  return keyId?.family === "AKIA" && !/(?<![A-Z0-9])AKIA[A-Z0-9]{16}(?![A-Z0-9])/.test(flat);
}

/** What S3, STS and MinIO say when they do not know the id of a key (failure catalogue, section 3.1). */
export const UNKNOWN_KEYS: readonly Symptom[] = [
  {
    topic: "key",
    seen: /access key has length (?:40|64), should be 32/i,
    means: [high("value.swapped", "What was sent as the key id has the length of a secret: the two are swapped.")],
  },
  {
    topic: "key",
    seen: /access key has length \d{1,3}, should be \d{1,3}|Malformed Access Key Id/i,
    means: [
      medium("aws.key-unknown", "The key id does not have the form of this store's: it is one of another store."),
      medium("value.truncated", "Or it was cut off."),
      low("value.leading-trailing-space", "White space and quotation marks around it count, too."),
    ],
  },
  {
    topic: "key",
    seen: UNKNOWN_ID,
    when: ({ keyId }) => keyId?.family === "ASIA",
    means: [
      high(
        "aws.asia-without-token",
        (c) => `${theKey(c)} is a temporary key; without its session token nobody knows it.`,
      ),
      medium("aws.key-unknown", "If the token was sent, the key is of another partition or has been gone for long."),
    ],
  },
  {
    topic: "key",
    seen: [UNKNOWN_ID, CHINA_OR_GOV],
    means: [
      medium(
        "aws.partition",
        (c) => `${c.region ?? "The region"} has accounts of its own, which know no key of the others.`,
      ),
      medium("aws.key-unknown", (c) => `Or ${theKey(c)} was deleted.`),
      medium("aws.key-inactive", (c) => `Or ${theKey(c)} is inactive.`),
    ],
  },
  {
    topic: "key",
    seen: UNKNOWN_ID,
    means: [
      medium(
        "aws.key-unknown",
        (c) =>
          `The server does not know ${theKey(c)}: deleted, of another store or partition, or not yet known everywhere.`,
      ),
      medium("aws.key-inactive", "An inactive key gets the same answer as an unknown one."),
      medium("value.truncated", "The id does not have the 20 characters of an AWS key.", isOddLength),
      low("aws.asia-without-token", "A temporary key without its session token is told so, too.", isHidden),
      low("value.leading-trailing-space", "The id may have white space or quotation marks around it.", isHidden),
      low(
        "k8s.stale-pod-env",
        "The pods may still use a key that a rotation has deactivated: they read Secrets when they start.",
      ),
    ],
  },
];
