import type { Clues } from "./clues.ts";
import type { Place } from "./hosts.ts";
import { high, low, medium, type Symptom } from "./symptom.ts";
import { theHost, whatHappened } from "./words.ts";

const at =
  (...places: readonly Place[]) =>
  ({ unreached }: Clues): boolean =>
    unreached !== undefined && places.includes(unreached.place);

const SPEAKS_GOOGLE = /computeMetadata|metadata\.google|GCE metadata|169\.254\.169\.252|gke|google/i;
const SPEAKS_AWS = /IMDS|EC2|latest\/(?:api|meta-data)|aws|security-credentials/i;
/** Others speak TLS as well: their certificates are no matter of a store. */
const OTHER_TLS =
  /Unable to connect to the server|failed calling webhook|failed to pull image|ErrImagePull|ImagePullBackOff|registry|kubeconfig|kube-apiserver|\b(?:smtp|postgres\w*|mysql|redis|mongo\w*|amqp|kafka|ldaps?|vault)\b/i;

/** Hosts that cannot be reached, and TLS (failure catalogue, sections 3.2, 4.4 and 5.2). Never the credentials' fault. */
export const NETWORK: readonly Symptom[] = [
  {
    topic: "no-credentials",
    when: at("pod-identity-agent"),
    means: [
      high(
        "epi.agent-missing",
        (c) => `The Pod Identity agent at ${whatHappened(c)}: it does not run on the pod's node.`,
      ),
      medium("epi.networkpolicy", "A NetworkPolicy may keep the pod from the link-local address."),
      low("epi.proxy", "HTTP_PROXY without an entry for 169.254.170.23 in NO_PROXY sends the request elsewhere."),
    ],
  },
  {
    topic: "no-credentials",
    seen: /169\.254\.170\.23/i,
    when: (c) => /proxyconnect|proxy (?:error|returned)|squid/i.test(c.flat),
    means: [high("epi.proxy", "The request to the Pod Identity agent went to a proxy: NO_PROXY lacks 169.254.170.23.")],
  },
  {
    topic: "no-credentials",
    seen: /169\.254\.170\.23.{0,200}(?:timed out|timeout|deadline exceeded|refused)|(?:timed out|timeout|refused).{0,200}169\.254\.170\.23/i,
    means: [
      high("epi.agent-missing", "The Pod Identity agent does not answer: it does not run on the pod's node."),
      medium("epi.networkpolicy", "A NetworkPolicy may keep the pod from the link-local address."),
    ],
  },
  {
    topic: "no-credentials",
    when: (c) => at("metadata-server")(c) && SPEAKS_GOOGLE.test(c.flat),
    means: [
      medium(
        "gke.metadata-startup",
        (c) => `GKE's metadata server at ${whatHappened(c)}: it is not ready in the first seconds of a pod.`,
      ),
      medium("gke.networkpolicy", "If it stays so, a NetworkPolicy keeps the pod from it."),
    ],
  },
  {
    topic: "no-credentials",
    when: (c) => at("metadata-server")(c) && !SPEAKS_AWS.test(c.flat),
    means: [
      medium(
        "gke.metadata-startup",
        (c) => `A metadata server at ${whatHappened(c)}: GKE's is not ready in the first seconds of a pod.`,
      ),
      low(
        "irsa.pod-predates-annotation",
        "On EKS it means that the pod was given no identity and asked the node for one.",
      ),
      low("gke.networkpolicy", "On GKE, if it stays so, a NetworkPolicy keeps the pod from it."),
    ],
  },
  {
    topic: "network",
    when: at("sts"),
    means: [
      high(
        "irsa.sts-regional",
        (c) => `${whatHappened(c)}: the pod cannot reach this endpoint of STS, so no role could be assumed.`,
      ),
    ],
  },
  {
    topic: "network",
    when: at("bucket-twice"),
    means: [
      high(
        "s3.endpoint-has-bucket",
        (c) => `${theHost(c)} has the bucket in it twice: the endpoint holds it already, and the client adds it.`,
      ),
    ],
  },
  {
    topic: "network",
    when: at("bucket-before-store"),
    means: [
      high(
        "s3.path-style",
        (c) => `${theHost(c)} is the bucket's name before the store's: such stores want the bucket in the path.`,
      ),
      medium("s3.endpoint-has-bucket", "Or the endpoint was written with the bucket."),
    ],
  },
  {
    topic: "network",
    when: at("wrong-partition"),
    means: [
      high(
        "aws.partition",
        (c) => `${theHost(c)} does not exist: regions cn-* end with amazonaws.com.cn, and no others do.`,
      ),
    ],
  },
  {
    topic: "network",
    when: at("not-a-region"),
    means: [
      high(
        "s3.endpoint-malformed",
        (c) => `${theHost(c)} does not exist: its region is not written as AWS writes one.`,
      ),
    ],
  },
  {
    topic: "network",
    seen: /invalid control character in URL|invalid character "\s?" in host name|(?:amazonaws\.com|:9000|googleapis\.com)(?:%0[ad]|%20)/i,
    means: [
      high(
        "s3.endpoint-trailing",
        "The endpoint ends with a newline, a space or another character that no URL may have.",
      ),
      medium("value.trailing-newline", "It most often came into the Secret with echo instead of printf."),
    ],
  },
  {
    topic: "network",
    when: at("localhost"),
    means: [
      high(
        "s3.endpoint-localhost",
        (c) =>
          `${whatHappened(c)}: ${/docker/.test(theHost(c)) ? "only Docker on a workstation knows that name" : "within a pod that is the pod itself"}, and it is no matter of credentials.`,
      ),
      low("s3.endpoint-unreachable-from-tool", "If it was tried from a workstation, the port-forward is not there."),
    ],
  },
  {
    topic: "network",
    when: at("in-cluster"),
    means: [
      high(
        "s3.endpoint-unreachable-from-tool",
        (c) =>
          `${whatHappened(c)}: Service names are known within the cluster alone, and it is no matter of credentials.`,
      ),
    ],
  },
  {
    topic: "network",
    when: at("private", "store"),
    means: [
      high(
        "s3.endpoint-unreachable-from-tool",
        (c) => `${whatHappened(c)}: the store was not reached, so no credential was looked at.`,
      ),
    ],
  },
  {
    topic: "tls",
    seen: /XMinioInsecureClientRequest|Cannot respond to plain-text request from TLS-encrypted server|Client sent an HTTP request to an HTTPS server/i,
    unless: OTHER_TLS,
    means: [high("s3.endpoint-scheme-wrong", "The server speaks TLS, and the endpoint says http://.")],
  },
  {
    topic: "tls",
    seen: /server gave HTTP response to HTTPS client|first record does not look like a TLS handshake|WRONG_VERSION_NUMBER|wrong version number|\bEPROTO\b/i,
    unless: OTHER_TLS,
    means: [
      high(
        "s3.endpoint-scheme-wrong",
        "The server does not speak TLS, and the endpoint says https://, or nothing at all.",
      ),
    ],
  },
  {
    topic: "tls",
    seen: /ERR_TLS_CERT_ALTNAME_INVALID|certificate is (?:valid for|not valid for any names)|hostname.{0,80}doesn.?t match|does not match certificate/i,
    unless: OTHER_TLS,
    means: [
      medium("s3.tls-ca", "The server's certificate is for other names than the host that was asked."),
      medium("s3.path-style", "A bucket with a dot in its name, put before the host, fits no wildcard certificate."),
    ],
  },
  {
    topic: "tls",
    seen: /SELF_SIGNED_CERT_IN_CHAIN|DEPTH_ZERO_SELF_SIGNED_CERT|UNABLE_TO_VERIFY_LEAF_SIGNATURE|UNABLE_TO_GET_ISSUER_CERT|x509: certificate signed by unknown authority|CERTIFICATE_VERIFY_FAILED|self.signed certificate in (?:certificate )?chain|(?:error|failed): self.signed certificate|CertificateIssuerNotFound/i,
    unless: OTHER_TLS,
    means: [high("s3.tls-ca", "The store's certificate is signed by an authority that the client does not know.")],
  },
];
