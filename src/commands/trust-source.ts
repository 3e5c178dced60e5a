import { parseRoleArn } from "../domain/aws-arn.ts";
import { UserError } from "../domain/errors.ts";
import type { Ref } from "../domain/finding.ts";
import { isRoleName } from "../domain/iam/role-name.ts";
import { readTrustPolicy } from "../domain/iam/trust/read-trust-policy.ts";
import type { TrustDocument } from "../domain/iam/trust/trust-document.ts";
import { printable } from "../domain/text.ts";
import { AwsError, type App, type IamRole } from "../ports.ts";
import { awsSelection, type CloudOptions } from "./cloud.ts";

/** A trust policy that was read, and where it is from. */
export interface TrustSource {
  readonly document: TrustDocument;
  /** What findings are about. */
  readonly subject: Ref;
  /** The file, as it was named; undefined for a role. */
  readonly file: string | undefined;
  /** The role on AWS, or the one that the file was read from. */
  readonly role: { readonly name: string; readonly account: string; readonly partition: string } | undefined;
  /** `--profile` and `--region`, where AWS was asked. */
  readonly awsFlags: readonly string[];
}

/**
 * The policy of a role on AWS, of a file or of standard input.
 * @throws UserError for what cannot be read, or holds nothing to judge
 */
export async function readTrustSource(named: string, options: CloudOptions, app: App): Promise<TrustSource> {
  if (named.startsWith("arn:")) return readRole(named, options, app);
  const file = named === "-" ? "standard input" : named;
  const bytes =
    named === "-"
      ? await app.terminal.readStdin({
          hint: "aws iam get-role --role-name ROLE | antfly-creds trust-policy --check -",
        })
      : await app.files.read(named);
  return sourceOf(new TextDecoder("utf-8").decode(bytes), file);
}

/** The same, where a name may also be that of a role: a file of that name wins. */
export async function readRoleOrFile(named: string, options: CloudOptions, app: App): Promise<TrustSource> {
  if (named === "-" || named.startsWith("arn:") || !isRoleName(named)) return readTrustSource(named, options, app);
  const bytes = await app.files.readIfThere(named);
  return bytes === undefined ? readRole(named, options, app) : readTrustSource(named, options, app);
}

function sourceOf(text: string, file: string): TrustSource {
  const document = documentOf(text, file);
  const role = document.roleArn === undefined ? undefined : parseRoleArn(document.roleArn);
  return { document, subject: { kind: "File", name: file }, file, role, awsFlags: [] };
}

function documentOf(text: string, what: string): TrustDocument {
  const reading = readTrustPolicy(text);
  if ("document" in reading) return reading.document;
  const { problem, place } = reading;
  const where = place === undefined ? what : `${what}:${place.line}:${place.column}`;
  throw new UserError("unreadable-policy", `${printable(where)}: the trust policy ${problem}`, {
    hint: "a trust policy is JSON, as aws iam get-role prints it",
  });
}

async function readRole(named: string, options: CloudOptions, app: App): Promise<TrustSource> {
  const wanted = parseRoleArn(named);
  if (wanted === undefined && named.startsWith("arn:"))
    throw new UserError("bad-role", `"${printable(named)}" is the ARN of no role`, {
      hint: "it has the form arn:aws:iam::ACCOUNT:role/NAME",
    });
  if (options.cloud === false || app.configuration.noCloud) {
    const why = options.cloud === false ? "--no-cloud was given" : "ANTFLY_CREDS_CLOUD=off is set";
    throw new UserError("no-cloud", `a role is read from AWS, and ${why}`, {
      hint: "name a file that holds its trust policy: aws iam get-role prints it",
    });
  }
  const aws = await app.aws(awsSelection(options));
  try {
    for (const note of aws.notes) app.terminal.err(`note: ${note}\n`);
    const role = await aws.getRole(wanted?.name ?? named);
    assertSame(role, wanted?.arn);
    const { arn, name, account, partition } = parseRoleArn(role.arn) ?? { ...role, account: "", partition: "aws" };
    return {
      document: { ...documentOf(role.trustPolicy, `role ${name}`), roleArn: arn },
      subject: { kind: "IAMRole", name },
      file: undefined,
      role: { name, account, partition },
      awsFlags: aws.flags,
    };
  } catch (error) {
    throw asFailure(error, named);
  } finally {
    aws.close();
  }
}

/** IAM answers by name, for the caller's own account. */
function assertSame({ arn }: IamRole, wanted: string | undefined): void {
  if (wanted === undefined || wanted === arn) return;
  throw new UserError(
    "other-role",
    `there is no role ${wanted} to be seen; the role of that name is ${printable(arn)}`,
    {
      hint: "IAM answers for the account of your own identity alone: --profile NAME chooses another one",
    },
  );
}

/** What could not be asked is not known: exit 5. */
function asFailure(error: unknown, named: string): unknown {
  if (!(error instanceof AwsError)) return error;
  const { failure, action, message } = error;
  switch (failure) {
    case "not-found":
      return new UserError("no-role", `there is no IAM role ${printable(named)}`, {
        hint: "aws iam list-roles lists them",
      });
    case "no-credentials":
    case "invalid-credentials":
      return new UserError(failure, `AWS does not know who you are: ${message}`, {
        hint: "aws sso login, or --profile NAME of an identity that may read IAM",
        exit: 5,
      });
    case "denied":
      return new UserError(failure, `your AWS identity is not allowed ${action}: ${message}`, { exit: 5 });
    default:
      return new UserError(failure, `${action} did not succeed: ${message}`, { exit: 5 });
  }
}
