import { high, medium, type Symptom } from "./symptom.ts";

const NO_IDENTITY = [
  medium(
    "irsa.pod-predates-annotation",
    "Pods that were created before their ServiceAccount was annotated have no role.",
  ),
  medium("irsa.sa-not-used", "The pods may run under another ServiceAccount than the annotated one."),
  medium(
    "irsa.annotation-missing",
    "The ServiceAccount may have no eks.amazonaws.com/role-arn, or one under another name.",
  ),
  medium(
    "epi.no-association",
    "With EKS Pod Identity: there may be no association for this namespace and ServiceAccount.",
  ),
] as const;

/** SDKs that find no credentials, or may not read their token (failure catalogue, sections 4.3, 4.4 and 10). */
export const NO_CREDENTIALS: readonly Symptom[] = [
  {
    topic: "no-credentials",
    seen: /169\.254\.170\.23/i,
    when: (c) =>
      /only loopback hosts are allowed|Unsupported host|not a valid container metadata|invalid host/i.test(c.flat),
    means: [high("epi.sdk-old", "This SDK does not know the address of the Pod Identity agent: it is too old.")],
  },
  {
    topic: "no-credentials",
    seen: /Partial credentials found in env|PartialCredentialsError/i,
    means: [
      high(
        "k8s.expected-keys-missing",
        (c) => `Only half of the key pair reaches the process: ${c.key ?? "one variable"} is missing.`,
      ),
      medium("k8s.collision-last-wins", "Two Secrets may each bring a half."),
    ],
  },
  {
    topic: "no-credentials",
    seen: /static credentials are empty|Resolved credential object is not valid/i,
    means: [
      medium("k8s.expected-keys-missing", "The program was given a key pair that is empty: no static keys reach it."),
      medium("value.empty", "Or the Secret has the keys, and nothing under them."),
      medium("k8s.key-near-miss", "Or the Secret has them under another spelling."),
    ],
  },
  {
    topic: "no-credentials",
    seen: /Unable to locate credentials|Could not load credentials from any providers|NoCredentialProviders|no valid providers in chain|CredentialsProviderError|NoCredentialsError|Unable to load (?:AWS )?credentials from any (?:of the )?providers?|no EC2 IMDS role found|no providers in chain provided credentials|CredentialsNotLoaded/i,
    means: [
      medium("k8s.expected-keys-missing", "The SDK found no credentials anywhere: no static keys reach the process."),
      ...NO_IDENTITY,
    ],
  },
  {
    topic: "no-credentials",
    when: (c) => c.unreached?.place === "metadata-server",
    means: NO_IDENTITY,
  },
  {
    topic: "token-file",
    seen: /serviceaccount\/[a-z-]{0,40}token'?:? .{0,20}permission denied|permission denied[:,]? .{0,8}\/var\/run\/secrets\/\S{1,120}token|(?:^|\s)token: permission denied/i,
    means: [high("irsa.token-unreadable", "The user that the process runs as may not read the injected token.")],
  },
  {
    topic: "token-file",
    seen: /no such file.{0,80}\/var\/run\/secrets\/eks\.amazonaws\.com|\/var\/run\/secrets\/eks\.amazonaws\.com\/\S{1,80}token'?:? .{0,20}no such file/i,
    means: [
      high(
        "irsa.webhook-partial",
        "AWS_WEB_IDENTITY_TOKEN_FILE is set, but the webhook did not mount the token: the spec sets one of its variables itself.",
      ),
    ],
  },
];
