import type { StoreIdentityFacts } from "../../domain/external-secrets-facts.ts";
import { parseRoleArn } from "../../domain/aws-arn.ts";
import { awsCommand, command, edit, finding, type Finding } from "../../domain/finding.ts";
import { irsaRequest } from "../aws/trust-request.ts";
import { trustFindings, verdictOn } from "../aws/trust-verdict.ts";
import { describeStore, eventEvidence, refOfStore, type StoreUse } from "./store-use.ts";

const CAUSE = "eso.store-irsa";
const ANNOTATION = "eks.amazonaws.com/role-arn";

/** The role of the ServiceAccount whose token a store of AWS takes to STS: the same questions as of the pods' own. */
export function identityFaults(use: StoreUse, identity: StoreIdentityFacts | undefined): Finding[] {
  const { store, event, said } = use;
  if (store.provider !== "aws") return [];
  const told = said.includes(CAUSE);
  if (identity === undefined) return told ? [refused(use)] : [];
  const { namespace, name, there, roleArn } = identity;
  const subject = { kind: "ServiceAccount", namespace, name };
  if (!there) {
    const message = `${describeStore(store)} authenticates as ServiceAccount ${name} of namespace ${namespace}, which does not exist`;
    return [
      finding(CAUSE, "critical", subject, message, {
        evidence: [
          { label: "serviceAccountRef", has: name, path: "/spec/provider/aws/auth/jwt", of: refOfStore(store) },
        ],
        fixes: [
          command`kubectl create serviceaccount ${name} -n ${namespace}`,
          edit(`then annotate it with ${ANNOTATION}`),
        ],
      }),
    ];
  }
  const arn = parseRoleArn(roleArn ?? "");
  if (arn === undefined) {
    const has = roleArn === undefined ? "has no annotation" : `has ${roleArn} as`;
    const message = `ServiceAccount ${name}, which ${describeStore(store)} authenticates as, ${has} ${ANNOTATION}`;
    return [
      finding(CAUSE, "critical", subject, message, {
        evidence: [
          { label: ANNOTATION, want: "the ARN of a role", has: roleArn ?? "not set" },
          ...eventEvidence(event),
        ],
        fixes: [
          command`kubectl annotate serviceaccount ${name} -n ${namespace} --overwrite ${`${ANNOTATION}=arn:aws:iam::ACCOUNT:role/ROLE`}`,
        ],
      }),
    ];
  }
  if (identity.role.state === "absent") {
    const message = `ServiceAccount ${name}, which ${describeStore(store)} authenticates as, names role ${arn.name}, and account ${arn.account} has none of that name`;
    return [
      finding(CAUSE, "critical", { kind: "IAMRole", name: arn.name }, message, {
        evidence: [{ label: ANNOTATION, want: "a role that exists", has: arn.arn }, ...eventEvidence(event)],
        fixes: [
          awsCommand`aws iam create-role --role-name ${arn.name} --assume-role-policy-document file://trust.json`,
          trustOf(use, identity),
        ],
      }),
    ];
  }
  const judged = judgedTrust(use, identity);
  return judged.length > 0 || !told ? judged : [refused(use, identity)];
}

/** The smallest change of the role's trust policy comes with the finding. */
function judgedTrust({ store, event }: StoreUse, identity: StoreIdentityFacts): Finding[] {
  const { role, issuer, namespace, name, audience } = identity;
  if (role.state !== "known" || issuer.state !== "known") return [];
  const report = verdictOn(role.value, irsaRequest({ namespace }, name, issuer.value.url, audience, role.value));
  if (!("decision" in report) || report.decision !== "deny") return [];
  return trustFindings(role.value, report, "critical", false).map((one) => ({
    ...one,
    cause: CAUSE,
    message: `${one.message} (ServiceAccount ${name}, which ${describeStore(store)} authenticates as)`,
    evidence: [...one.evidence, ...eventEvidence(event)],
  }));
}

function refused({ one, store, event }: StoreUse, identity?: StoreIdentityFacts): Finding {
  const who = identity === undefined ? "its ServiceAccount" : `ServiceAccount ${identity.name}`;
  const message = `STS refuses ${who}, which ${describeStore(store)} authenticates as: ExternalSecret ${one.name} gets nothing`;
  return finding(CAUSE, "critical", refOfStore(store), message, {
    evidence: [
      {
        label: "serviceAccountRef",
        has: store.account?.name ?? "that of External Secrets itself",
        path: "/spec/provider/aws/auth",
      },
      ...eventEvidence(event),
    ],
    fixes:
      identity === undefined
        ? [edit("let the role's trust policy name the issuer and the ServiceAccount")]
        : [trustOf({ store }, identity)],
  });
}

function trustOf(_: Pick<StoreUse, "store">, { namespace, name, roleArn }: StoreIdentityFacts) {
  const role = parseRoleArn(roleArn ?? "");
  return command`antfly-creds trust-policy --check ${role?.arn ?? "ROLE"} --subject ${`${namespace}/${name}`}`;
}
