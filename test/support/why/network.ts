import type { Case } from "./case.ts";

export const NETWORK: readonly Case[] = [
  ["getaddrinfo ENOTFOUND minio.storage.svc.cluster.local", "s3.endpoint-unreachable-from-tool"],
  ["getaddrinfo ENOTFOUND minio.minio.svc", "s3.endpoint-unreachable-from-tool"],
  ["connect ECONNREFUSED 127.0.0.1:9000", "s3.endpoint-localhost"],
  ["connect ECONNREFUSED ::1:9000", "s3.endpoint-localhost"],
  ['Put "http://localhost:9000/backups/x": dial tcp [::1]:9000: connect: connection refused', "s3.endpoint-localhost"],
  ["getaddrinfo ENOTFOUND host.docker.internal (s3 endpoint)", "s3.endpoint-localhost"],
  ["getaddrinfo ENOTFOUND backups.backups.s3.us-east-1.amazonaws.com", "s3.endpoint-has-bucket"],
  ["ENOTFOUND bucket.bucket.s3…", "s3.endpoint-has-bucket"],
  ["dial tcp: lookup backups.minio.example.com on 10.96.0.10:53: no such host", "s3.path-style"],
  ["ENOTFOUND bucket.minio…", "s3.path-style"],
  ["s3://antfly-backups: getaddrinfo ENOTFOUND antfly-backups.store.example.com", "s3.path-style"],
  ["connect ETIMEDOUT 10.1.2.3:9000", "s3.endpoint-unreachable-from-tool"],
  ["dial tcp 192.168.1.20:443: i/o timeout while writing s3://antfly-backups/x", "s3.endpoint-unreachable-from-tool"],
  [
    'Could not connect to the endpoint URL: "https://s3.us-east1.amazonaws.com/antfly-backups"',
    "s3.endpoint-malformed",
  ],
  [
    'Could not connect to the endpoint URL: "https://s3.us-east-1.amazonaws.com/antfly-backups"',
    "s3.endpoint-unreachable-from-tool",
  ],
  ["dial tcp: lookup s3.cn-north-1.amazonaws.com: no such host", "aws.partition"],
  ["getaddrinfo ENOTFOUND s3.us-east1.amazonaws.com", "s3.endpoint-malformed"],
  [
    'parse "https://s3.us-east-1.amazonaws.com\\n": net/url: invalid control character in URL',
    "s3.endpoint-trailing",
    "value.trailing-newline",
  ],
  ["getaddrinfo ENOTFOUND s3.us-east-1.amazonaws.com%0a", "s3.endpoint-trailing"],
  ['Connect timeout on endpoint URL: "https://sts.amazonaws.com/"', "irsa.sts-regional"],
  [
    'RequestError: send request failed caused by: Post "https://sts.us-east-1.amazonaws.com/": dial tcp 52.119.1.1:443: i/o timeout',
    "irsa.sts-regional",
  ],
  ["Client sent an HTTP request to an HTTPS server.", "s3.endpoint-scheme-wrong"],
  [
    "<Code>XMinioInsecureClientRequest</Code><Message>Cannot respond to plain-text request from TLS-encrypted server</Message>",
    "s3.endpoint-scheme-wrong",
  ],
  [
    "write EPROTO 140735:error:1408F10B:SSL routines:ssl3_get_record:wrong version number, code: 'ERR_SSL_WRONG_VERSION_NUMBER'",
    "s3.endpoint-scheme-wrong",
  ],
  ["http: server gave HTTP response to HTTPS client", "s3.endpoint-scheme-wrong"],
  ["Error: self-signed certificate in certificate chain, code: 'SELF_SIGNED_CERT_IN_CHAIN'", "s3.tls-ca"],
  ["UNABLE_TO_VERIFY_LEAF_SIGNATURE", "s3.tls-ca"],
  [
    'Put "https://minio.storage.svc:9000/b": tls: failed to verify certificate: x509: certificate signed by unknown authority',
    "s3.tls-ca",
  ],
  [
    "ERR_TLS_CERT_ALTNAME_INVALID: Hostname/IP does not match certificate's altnames: Host: my.bucket.s3.amazonaws.com. is not in the cert's altnames",
    "s3.tls-ca",
    "s3.path-style",
  ],
  [
    "Unable to execute HTTP request: Connect to 127.0.0.1:9000 [/127.0.0.1] failed: Connection refused",
    "s3.endpoint-localhost",
  ],
  [
    "HTTPSConnectionPool(host='minio.storage.svc', port=9000): Max retries exceeded with url: /b (Caused by NewConnectionError('<urllib3.connection.HTTPSConnection object at 0x7f>: Failed to establish a new connection: [Errno 111] Connection refused'))",
    "s3.endpoint-unreachable-from-tool",
  ],
  [
    "java.net.UnknownHostException: backups.s3.us-east-1.amazonaws.com: Name or service not known",
    "s3.endpoint-unreachable-from-tool",
  ],
  [
    "curl: (7) Failed to connect to minio.storage.svc.cluster.local port 9000 after 2 ms: Could not connect to server",
    "s3.endpoint-unreachable-from-tool",
  ],
];
