import { orNothing } from "../apply/cloud-look.ts";
import { oidcProviderArn, issuerName } from "../domain/aws-arn.ts";
import { readIssuer } from "../collect/issuer.ts";
import { UserError, type ExitCode } from "../domain/errors.ts";
import { TOKEN_FILE } from "../domain/operator/connections.ts";
import { ROLE_ARN } from "../plans/cluster-identity.ts";
import { identityFiles } from "../plans/identity-files.ts";
import { planInitIrsa } from "../plans/init-irsa.ts";
import type { App } from "../ports.ts";
import { readRole, wantedRole } from "./identity-role.ts";
import type { RoleOptions } from "./identity-options.ts";
import { inputFor } from "./role-input.ts";
import { initIdentity, type IdentityKind, type IdentityLook, type PreparedIdentity } from "./init-identity.ts";
import { orThrow, permissionsIn } from "./or-throw.ts";
import { homeOf, rightsOf, ROLE_KIND, roleLeftBy } from "./role-kind.ts";

const AUDIENCE = "eks.amazonaws.com/audience";
const USUAL_AUDIENCE = "sts.amazonaws.com";

const IRSA: IdentityKind<RoleOptions> = {
  ...ROLE_KIND,
  command: "irsa",
  title: "IRSA",
  rights: (options) => rightsOf("--init-irsa", options),
  prepare,
};

/** An IAM role that the pods take on with the token of their ServiceAccount. */
export function initIrsa(name: string | undefined, options: RoleOptions, app: App): Promise<ExitCode> {
  return initIdentity(name, options, app, IRSA);
}

async function prepare(look: IdentityLook<RoleOptions>): Promise<PreparedIdentity> {
  const { cloud, kube, world, cluster, account, options } = look;
  const { namespace, name } = cluster;
  const aws = await cloud.aws();
  const home = await homeOf(aws);
  const issuer = orThrow(await readIssuer(world), permissionsIn(kube, "--init-irsa"));
  if (!issuer.url.startsWith("https://"))
    throw new UserError(
      "bad-issuer",
      `the cluster's tokens are issued by ${issuer.url}, which is no https:// URL: AWS trusts no such issuer`,
      {
        hint: "the API server's --service-account-issuer says it",
      },
    );
  const annotations = account.existing?.annotations ?? {};
  const audience = annotations[AUDIENCE] ?? USUAL_AUDIENCE;
  const annotated = annotations[ROLE_ARN];
  const wanted = wantedRole({ named: options.role, annotated, namespace, cluster: name }, home);
  const host = issuerName(issuer.url);
  const byName = options.role !== undefined && !options.role.startsWith("arn:");
  const role = await readRole(aws, wanted, { namespace, cluster: name, issuer: host, byName });
  const arn = oidcProviderArn(role, issuer.url);
  const provider = await orNothing(aws.getOidcProvider(arn));
  const subjects = [{ namespace, serviceAccount: account.name }];
  const { partition, account: accountId } = role;
  const input = await inputFor(look, aws, role, {
    trust: { mechanism: "irsa", wanted: { partition, account: accountId, issuer: host, audience, subjects } },
    credentials: { source: "web_identity", role_arn: role.arn, token_file: TOKEN_FILE },
  });
  const providerInput = { arn, url: issuer.url, audience, clientIds: provider?.clientIds };
  return {
    clients: { aws },
    input,
    has: `IAM role ${role.name}`,
    plan: planInitIrsa({ ...input, provider: providerInput }),
    files: (renderYaml) => identityFiles(input, { kind: "irsa", provider: providerInput }, renderYaml),
    notes: notesOf(look, role.arn),
    leftBy: roleLeftBy(aws, role.arn),
  };
}

function notesOf({ cluster }: IdentityLook, role: string): string[] {
  if (cluster.eksRole === undefined) return [];
  const same = cluster.eksRole === role ? "" : `, and names another role (${cluster.eksRole})`;
  return [
    `spec.eks.irsaRoleARN does nothing${same}: no operator uses it; the ServiceAccount's annotation is what counts`,
  ];
}
