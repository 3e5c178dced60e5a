import type { Case } from "./case.ts";

export const KEYS: readonly Case[] = [
  [
    `<?xml version="1.0"?><Error><Code>InvalidAccessKeyId</Code><Message>The AWS Access Key Id you provided does not exist in our records.</Message><AWSAccessKeyId>AKIAQQQQQQQQQQQQQQQQ</AWSAccessKeyId></Error>`,
    "aws.key-unknown",
    "aws.key-inactive",
  ],
  [
    "InvalidAccessKeyId: The Access Key Id you provided does not exist in our records.",
    "aws.key-unknown",
    "aws.key-inactive",
  ],
  [
    "An error occurred (InvalidClientTokenId) when calling the GetCallerIdentity operation: The security token included in the request is invalid.",
    "aws.key-unknown",
  ],
  [
    "api error InvalidAccessKeyId: <AWSAccessKeyId>ASIAQQQQQQQQQQQQQQQQ</AWSAccessKeyId>",
    "aws.asia-without-token",
    "aws.key-unknown",
  ],
  [
    "InvalidClientTokenId: The security token included in the request is invalid (key ASIAQQQQQQQQQQQQQQQQ)",
    "aws.asia-without-token",
  ],
  [
    "InvalidClientTokenId: The security token included in the request is invalid. endpoint https://sts.cn-north-1.amazonaws.com.cn",
    "aws.partition",
  ],
  [
    "<Code>InvalidAccessKeyId</Code><AWSAccessKeyId>AKIAIOSFODNN7EXAMPLE</AWSAccessKeyId>",
    "value.placeholder",
    "aws.key-unknown",
  ],
  ["<Code>InvalidAccessKeyId</Code><AWSAccessKeyId>your-access-key</AWSAccessKeyId>", "value.placeholder"],
  ['<Code>InvalidAccessKeyId</Code><AWSAccessKeyId>"AKIAQQQQQQQQQQQQQQQQ"</AWSAccessKeyId>', "value.quotes"],
  ["<Code>InvalidAccessKeyId</Code><AWSAccessKeyId>&quot;AKIAQQQQQQQQQQQQQQQQ&quot;</AWSAccessKeyId>", "value.quotes"],
  [
    "<Code>InvalidAccessKeyId</Code><AWSAccessKeyId>AKIAQQQQQQQQQQQQQQQQ </AWSAccessKeyId>",
    "value.leading-trailing-space",
  ],
  [
    "<Code>InvalidAccessKeyId</Code><AWSAccessKeyId>QUtJQVFRUVFRUVFRUVFRUVFRUVE=</AWSAccessKeyId>",
    "value.double-base64",
  ],
  [
    "<Code>InvalidAccessKeyId</Code><AWSAccessKeyId>\ufeffAKIAQQQQQQQQQQQQQQQQ</AWSAccessKeyId>",
    "value.bom-or-invisible",
  ],
  [
    "<Code>InvalidAccessKeyId</Code><AWSAccessKeyId>wJalrXUtnFEMI/K7MDENG/bPxRfiCYzzzzzzzzzz</AWSAccessKeyId>",
    "value.swapped",
  ],
  [
    "<Code>InvalidAccessKeyId</Code><AWSAccessKeyId>AKIAQQQQQQQQQQQQQQQQ,wJalrXUtnFEMI/K7MDENG/bPxRfiCYzzzzzzzzzz</AWSAccessKeyId>",
    "value.csv-row",
  ],
  ["<Code>InvalidAccessKeyId</Code><AWSAccessKeyId>AIDAQQQQQQQQQQQQQQQQ</AWSAccessKeyId>", "aws.id-is-not-a-key"],
  ["<Code>InvalidAccessKeyId</Code><AWSAccessKeyId></AWSAccessKeyId>", "value.empty"],
  [
    "AuthorizationHeaderMalformed: The authorization header is malformed; a non-empty Access Key (AKID) must be provided in the credential.",
    "value.empty",
  ],
  [
    'AuthorizationHeaderMalformed: The authorization header is malformed; the Credential is mal-formed; expecting "<YOUR-AKID>/YYYYMMDD/REGION/SERVICE/aws4_request".',
    "value.leading-trailing-space",
    "value.swapped",
  ],
  ["InvalidAccessKeyId: Your account is disabled; please contact your administrator.", "aws.key-inactive"],
  [
    "<Code>InvalidTokenId</Code><Message>The security token included in the request is invalid</Message>",
    "aws.akia-with-token",
  ],
  [
    "<Code>InvalidToken</Code><Message>The provided token is malformed or otherwise invalid.</Message> AKIAQQQQQQQQQQQQQQQQ",
    "aws.akia-with-token",
  ],
  ["ExpiredToken: The provided token has expired.", "aws.asia-in-secret", "irsa.token-expired"],
  [
    "An error occurred (ExpiredToken) when calling the PutObject operation: The provided token has expired.",
    "aws.asia-in-secret",
  ],
  ["ExpiredTokenException: The security token included in the request is expired", "aws.asia-in-secret"],
  [
    "<Code>SignatureDoesNotMatch</Code><Message>The request signature we calculated does not match the signature you provided. Check your key and signing method.</Message>",
    "value.trailing-newline",
    "aws.secret-wrong",
  ],
  [
    "signaturedoesnotmatch: the request signature we calculated does not match",
    "value.trailing-newline",
    "aws.secret-wrong",
  ],
  [
    "SignatureDoesNotMatch: Signature expired: 20260901T100000Z is now earlier than 20260901T101000Z (20260901T102500Z - 15 min.)",
    "aws.clock-skew",
  ],
  [
    "SignatureDoesNotMatch: Signature not yet current: 20260901T120000Z is still later than 20260901T101500Z",
    "aws.clock-skew",
  ],
  [
    "<Code>RequestTimeTooSkewed</Code><Message>The difference between the request time and the current time is too large.</Message>",
    "aws.clock-skew",
  ],
  [
    'Put "https://s3.us-east-1.amazonaws.com/b/k": net/http: invalid header field value for "Authorization"',
    "value.trailing-newline",
    "value.crlf",
  ],
  [
    "ValueError: Invalid header value b'AWS4-HMAC-SHA256 Credential=AKIAQQQQQQQQQQQQQQQQ\\n/20260901/us-east-1/s3/aws4_request, SignedHeaders=host'",
    "value.trailing-newline",
  ],
  ["Invalid header value b'AWS4-HMAC-SHA256 Credential=AKIA...\\n/...'", "value.trailing-newline"],
  [
    "Invalid header value b'AWS4-HMAC-SHA256 Credential=-n AKIAQQQQQQQQQQQQQQQQ\\n/20260901/us-east-1/s3/aws4_request'",
    "value.echo-n-literal",
  ],
  ["Invalid header value b'AWS4-HMAC-SHA256 Credential=XXXX=\\n/...'", "value.double-base64"],
  [
    "Invalid header value b'AWS4-HMAC-SHA256 Credential=AKIAQQQQQQQQQQQQQQQQ\\r/20260901/us-east-1/s3/aws4_request'",
    "value.crlf",
  ],
  ['TypeError [ERR_INVALID_CHAR]: Invalid character in header content ["authorization"]', "value.trailing-newline"],
  ["Invalid header value", "value.trailing-newline"],
  [
    "XAmzContentSHA256Mismatch: The provided 'x-amz-content-sha256' header does not match what was computed.",
    "compat.sdk-checksum",
  ],
  ["<Code>ExcessHeaderValues</Code>", "compat.sdk-checksum"],
  ["InvalidArgument: Missing required header Content-MD5 OR x-amz-checksum-crc32", "compat.sdk-checksum"],
  ["Missing required header for this request: Content-MD5 OR x-amz-checksum-*", "compat.sdk-checksum"],
  [
    "InvalidArgument: Unsupported header 'x-amz-sdk-checksum-algorithm' received for this API call.",
    "compat.sdk-checksum",
  ],
  ["aws-chunked encoding is not supported with the specified x-amz-content-sha256 value", "compat.sdk-checksum"],
  [
    "<Code>SignatureDoesNotMatch</Code><Message>Access denied.</Message><StringToSign>…</StringToSign><CanonicalRequest>PUT\n/b/k\n\nhost:storage.googleapis.com\nx-amz-checksum-crc32:AAAAAA==\nx-amz-sdk-checksum-algorithm:CRC32</CanonicalRequest>",
    "compat.sdk-checksum",
    "value.trailing-newline",
  ],
  [
    "InvalidArgument: Invalid Argument: Credential access key has length 20, should be 32\n\tstatus code: 400, request id: , host id: ",
    "aws.key-unknown",
    "value.truncated",
  ],
  ["Invalid Argument: Credential access key has length 64, should be 32", "value.swapped"],
  ["InvalidAccessKeyId: Malformed Access Key Id", "aws.key-unknown", "value.truncated"],
  [
    "failed to sign request: failed to retrieve credentials: static credentials are empty",
    "k8s.expected-keys-missing",
    "value.empty",
  ],
  ["EmptyStaticCreds: static credentials are empty", "k8s.expected-keys-missing", "value.empty"],
  [
    "Error: Resolved credential object is not valid\n    at SignatureV4.validateResolvedCredentials",
    "k8s.expected-keys-missing",
    "value.empty",
  ],
  [
    "com.amazonaws.SdkClientException: Unable to load AWS credentials from any provider in the chain",
    "k8s.expected-keys-missing",
  ],
];
