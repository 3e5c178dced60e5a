/** Why a call to a cloud, or to a store that speaks its protocol, failed, as far as the tool acts on it. */
export type CloudFailure =
  | "no-credentials"
  | "invalid-credentials"
  | "denied"
  | "not-found"
  | "exists"
  | "conflict"
  | "api-off"
  | "limit"
  | "invalid"
  | "throttled"
  | "unreachable"
  | "timeout"
  | "malformed"
  | "server-error";

/** A call that did not succeed. `message` is one printable line without any value that was sent. */
export class CloudError extends Error {
  readonly failure: CloudFailure;
  /** The permission that the call takes, as the cloud names it: `iam:GetRole`, `iam.serviceAccounts.get`. */
  readonly action: string;
  /** Error code of the service, e.g. `InvalidIdentityToken`, `IAM_PERMISSION_DENIED`; undefined where there was no answer. */
  readonly code: string | undefined;
  readonly status: number | undefined;
  /** Error code of the network where there was no answer, e.g. `ECONNREFUSED`. */
  readonly network: string | undefined;

  constructor(
    failure: CloudFailure,
    action: string,
    message: string,
    answer: { code?: string; status?: number; network?: string } = {},
  ) {
    super(message);
    this.name = new.target.name;
    this.network = answer.network;
    this.failure = failure;
    this.action = action;
    this.code = answer.code;
    this.status = answer.status;
  }
}

/** Of STS, IAM, EKS, or a store with the protocol of S3. */
export class AwsError extends CloudError {}

/** Of an API of Google Cloud. */
export class GoogleError extends CloudError {}
