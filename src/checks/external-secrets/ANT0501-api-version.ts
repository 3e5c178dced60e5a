import { ofTheCluster, refOfExternalSecret, whereOwned } from "../../domain/external-secrets.ts";
import type {
  ExternalSecretFacts,
  ExternalSecretsApi,
  ExternalSecretsWebhook,
} from "../../domain/external-secrets-facts.ts";
import type { ReferenceFacts } from "../../domain/facts.ts";
import type { InputFacts } from "../../domain/input-facts.ts";
import { command, edit, finding, safeCommand, type Finding, type Severity } from "../../domain/finding.ts";
import {
  LIST_ENDPOINT_SLICES,
  LIST_EXTERNAL_SECRETS,
  LIST_VALIDATING_WEBHOOKS,
} from "../../domain/external-secrets-grants.ts";
import { GET_SECRETS } from "../../domain/grants.ts";
import { describePlace } from "../../domain/inputs.ts";
import { sentenceList } from "../../domain/text.ts";
import { defineCheck } from "../define.ts";
import { isInvolved, NOT_INVOLVED } from "./not-involved.ts";

const GROUP = "external-secrets.io";
/** Since 0.17 (May 2025) no release serves another one; v1 is served since 0.16. */
const CURRENT = `${GROUP}/v1`;

export default defineCheck({
  code: "ANT0501",
  slug: "external-secrets-api",
  title: "External Secrets is installed, and serves the version that the manifests ask for",
  area: "external-secrets",
  scopes: ["cluster", "inputs"],
  causes: ["eso.api-version", "eso.not-installed", "eso.webhook-down"],
  needs: [],
  wants: ["inputs", "cluster", "references", "externalSecretsApi", "externalSecrets", "externalSecretsWebhook"],
  required: true,
  requiredIf: isInvolved,
  effect: "read",
  severity: "critical",
  grants: [GET_SECRETS, LIST_EXTERNAL_SECRETS, LIST_VALIDATING_WEBHOOKS, LIST_ENDPOINT_SLICES],
  run: (facts, { mode }) => {
    const { inputs, references, externalSecretsApi: api, externalSecrets = [], externalSecretsWebhook } = facts;
    if (mode === "files") {
      if (inputs !== undefined && inputs.externalSecrets.length > 0) return inFiles(inputs);
      return { skip: inputs === undefined ? FILES_ALONE : NO_FILES };
    }
    const made = madeSecrets(references);
    const mine = ofTheCluster(externalSecrets);
    if (mine.length === 0 && made.length === 0 && externalSecretsWebhook === undefined) return NOT_INVOLVED;
    if (api === undefined)
      return { findings: [], undecided: [`which versions of ${GROUP} the API server serves could not be asked`] };
    if (api.versions.length === 0)
      return mine.length > 0 ? mine.map((one) => notInstalled(one)) : made.map((secret) => gone(secret, facts.cluster));
    const found = [...mine.flatMap((one) => notServed(one, api)), ...down(externalSecretsWebhook)];
    return found.length === 0 && facts.externalSecrets === undefined ? { skip: UNREAD } : found;
  },
});

const UNREAD = "the ExternalSecrets could not be read, as ANT0502 tells";
const NO_FILES = `the files hold no object of ${GROUP}`;
const FILES_ALONE = `files do not say which versions of ${GROUP} the cluster serves; what is written in them is judged once`;

function madeSecrets(references: ReferenceFacts | undefined): string[] {
  return Object.entries(references?.secrets ?? {}).flatMap(([name, fact]) =>
    fact.state === "known" && !fact.value.inFile && fact.value.owner?.tool === "External Secrets" ? [name] : [],
  );
}

/** What no release that is still supported serves. */
function inFiles({ externalSecrets }: InputFacts): Finding[] {
  return externalSecrets
    .filter(({ apiVersion }) => apiVersion !== CURRENT)
    .map(({ subject, apiVersion, location }) => {
      const message = `${subject.kind} ${subject.name} asks for ${apiVersion}, which External Secrets does not serve since 0.17: the API server refuses it`;
      return {
        ...finding("eso.api-version", "error", subject, message, {
          evidence: [{ label: "apiVersion", want: CURRENT, has: apiVersion, path: "/apiVersion" }],
          fixes: [edit(`apiVersion: ${CURRENT} (${describePlace(location)}); nothing else has to change`)],
        }),
        location,
      };
    });
}

function notInstalled(one: ExternalSecretFacts): Finding {
  const message = `ExternalSecret ${one.name} is to write Secret ${one.target}, and External Secrets is not installed: the API server does not know ${GROUP}`;
  return finding("eso.not-installed", "critical", refOfExternalSecret(one), message, {
    evidence: [{ label: GROUP, want: "served", has: "not served", path: "/apiVersion" }],
    fixes: [
      edit("install External Secrets before what needs it is applied:"),
      command`helm install external-secrets external-secrets --repo https://charts.external-secrets.io -n external-secrets --create-namespace`,
    ],
  });
}

/** The values stay as they were last. */
function gone(secret: string, cluster: { readonly namespace: string } | undefined): Finding {
  const subject = { kind: "Secret", ...(cluster === undefined ? {} : { namespace: cluster.namespace }), name: secret };
  const message = `External Secrets has made Secret ${secret}, and is not installed any more: nobody brings new values of it`;
  return finding("eso.not-installed", "warning", subject, message, {
    evidence: [{ label: GROUP, want: "served", has: "not served" }],
    fixes: [
      edit("install External Secrets again, or take the labels and owner off the Secret and look after it yourself"),
      safeCommand`kubectl get secret ${secret} ${subject.namespace === undefined ? [] : ["-n", subject.namespace]} --show-labels`,
    ],
  });
}

function notServed(one: ExternalSecretFacts, { versions }: ExternalSecretsApi): Finding[] {
  const version = one.apiVersion.split("/")[1] ?? "";
  if (versions.includes(version)) return [];
  const served = versions.includes("v1") ? "v1" : (versions[0] ?? "v1");
  const message = `ExternalSecret ${one.name} asks for ${one.apiVersion}, and the cluster serves ${sentenceList(versions)}: Secret ${one.target} is not made`;
  return [
    finding("eso.api-version", "critical", refOfExternalSecret(one), message, {
      evidence: [{ label: "apiVersion", want: `${GROUP}/${served}`, has: one.apiVersion, path: "/apiVersion" }],
      fixes: [edit(`apiVersion: ${GROUP}/${served}${whereOwned(one.owner)}`)],
    }),
  ];
}

function down(webhook: ExternalSecretsWebhook | undefined): Finding[] {
  if (webhook === undefined || webhook.readyEndpoints > 0) return [];
  const { name, service, failurePolicy } = webhook;
  const severity: Severity = "warning";
  const effect =
    failurePolicy === "Fail" ? "no ExternalSecret can be created or changed" : "ExternalSecrets are not validated";
  const message = `The webhook of External Secrets has no pod that is ready: ${effect}`;
  return [
    finding("eso.webhook-down", severity, { kind: "ValidatingWebhookConfiguration", name }, message, {
      evidence: [
        { label: `Service ${service.namespace}/${service.name}`, want: "an endpoint that is ready", has: "none" },
        { label: "failurePolicy", has: failurePolicy },
      ],
      fixes: [
        safeCommand`kubectl get pods -n ${service.namespace} -l app.kubernetes.io/name=external-secrets-webhook`,
        safeCommand`kubectl describe service ${service.name} -n ${service.namespace}`,
      ],
      transient: true,
    }),
  ];
}
