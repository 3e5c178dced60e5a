import type { Severity } from "../finding.ts";
import type { Shape } from "./classify.ts";

/** How a wrong shape is told: `AWS_REGION in Secret x <problem>`, and what follows from it. */
export interface ShapeText {
  readonly problem: string;
  readonly want: string;
  readonly consequence: string;
  readonly severity: Severity;
}

/** What follows whichever variable it is. */
const ALIKE: ReadonlySet<Shape> = new Set(["empty", "not-base64-decoded", "nul", "non-utf8"]);

/** What follows of any other shape, where it is not the key id whose consequences the table tells. */
const OF_VARIABLE: Readonly<Record<string, string>> = {
  AWS_SECRET_ACCESS_KEY: "requests fail with SignatureDoesNotMatch",
  AWS_ENDPOINT_URL: "clients take it for no URL, or look for a host of that name, and reach no store",
  AWS_REGION: "requests are signed for a region that does not exist",
  AWS_DEFAULT_REGION: "requests are signed for a region that does not exist",
};

/** What follows from this shape of the variable's value. */
export function consequenceOf(variable: string, shape: Shape): string {
  const own = ALIKE.has(shape) ? undefined : OF_VARIABLE[variable];
  return own ?? SHAPE_TEXT[shape].consequence;
}

export const SHAPE_TEXT: Readonly<Record<Shape, ShapeText>> = {
  empty: {
    problem: "is empty",
    want: "a value",
    consequence: "an empty variable is set, and hides whatever would have been used instead",
    severity: "error",
  },
  "trailing-newline": {
    problem: "ends with a newline",
    want: "no newline",
    consequence: "requests fail with SignatureDoesNotMatch or an invalid header",
    severity: "error",
  },
  crlf: {
    problem: "contains a carriage return (a Windows line end)",
    want: "no carriage return",
    consequence: "requests fail with SignatureDoesNotMatch or an invalid header",
    severity: "error",
  },
  "leading-trailing-space": {
    problem: "begins or ends with white space",
    want: "no white space around it",
    consequence: "requests fail with InvalidAccessKeyId or AuthorizationHeaderMalformed",
    severity: "error",
  },
  "line-break": {
    problem: "contains a line break",
    want: "one line",
    consequence: "requests fail with SignatureDoesNotMatch or an invalid header",
    severity: "error",
  },
  "echo-n-literal": {
    problem: 'begins with a literal "-n " (echo -n under sh)',
    want: 'no "-n "',
    consequence: "requests fail with InvalidAccessKeyId",
    severity: "error",
  },
  quotes: {
    problem: "is wrapped in quotation marks, which are part of the value",
    want: "no quotation marks",
    consequence: "requests fail with InvalidAccessKeyId or SignatureDoesNotMatch",
    severity: "error",
  },
  "double-base64": {
    problem: "is base64 once more than it should be",
    want: "the plain value (Kubernetes encodes it)",
    consequence: "requests fail with InvalidAccessKeyId or SignatureDoesNotMatch",
    severity: "error",
  },
  "not-base64-decoded": {
    problem: "is no base64, and stands under data",
    want: "base64, or the plain value under stringData",
    consequence: "the API server refuses the Secret (illegal base64 data)",
    severity: "error",
  },
  "percent-encoded": {
    problem: "is percent-encoded (%2F, %2B), as in a URL",
    want: "the plain value",
    consequence: "requests fail with SignatureDoesNotMatch",
    severity: "error",
  },
  "json-escaped": {
    problem: 'holds backslashes of JSON (\\/ or \\")',
    want: "the plain value",
    consequence: "requests fail with SignatureDoesNotMatch",
    severity: "error",
  },
  "csv-row": {
    problem: "is a row of the downloaded CSV, the key id and the secret in one",
    want: "one of the two",
    consequence: "requests fail with InvalidAccessKeyId",
    severity: "error",
  },
  "trailing-comment": {
    problem: "ends with a comment (# …), which is part of the value",
    want: "no comment: it goes on a line of its own",
    consequence: "requests fail with InvalidAccessKeyId or SignatureDoesNotMatch",
    severity: "error",
  },
  placeholder: {
    problem: "is a placeholder from an example",
    want: "a real value",
    consequence: "requests fail with InvalidAccessKeyId",
    severity: "critical",
  },
  nul: {
    problem: "contains a NUL byte",
    want: "text",
    consequence: "no variable can hold it, and the container does not start",
    severity: "error",
  },
  "non-utf8": {
    problem: "is not UTF-8 text",
    want: "text",
    consequence: "the variable arrives garbled",
    severity: "error",
  },
  "bom-or-invisible": {
    problem: "contains an invisible or typographic character (byte order mark, no-break space, curly quote)",
    want: "plain ASCII",
    consequence: "requests fail with an invalid header or SignatureDoesNotMatch",
    severity: "error",
  },
};
