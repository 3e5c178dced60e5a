import { GET_GOOGLE_ACCOUNT, GET_GOOGLE_ACCOUNT_POLICY, GET_SERVICE } from "../../domain/google-grants.ts";
import { absent, known } from "../../domain/known.ts";
import { defineCollector } from "../collector.ts";
import { askGoogle, ofGoogle, toKnownGoogle } from "./ask-google.ts";
import { projectPolicy } from "./project-policy.ts";

const CREDENTIALS_API = "iamcredentials.googleapis.com";
/** Anything else is an email that Google has no account of, and not asked about. */
const EMAIL = /^[^\s@/]+@[^\s@/]+\.gserviceaccount\.com$/;

export const googleAccountCollector = defineCollector({
  gives: "googleAccount",
  needs: ["serviceAccount"],
  collect: async ({ serviceAccount: { gcpAccount: email = "" } }, world) => {
    if (!EMAIL.test(email)) return absent(ofGoogle("the Google service account of the ServiceAccount"));
    const ref = `Google service account ${email}`;
    const policyRef = `the policy of ${ref}`;
    return askGoogle(world, ref, GET_GOOGLE_ACCOUNT, async (google) => {
      const reading = toKnownGoogle(policyRef, GET_GOOGLE_ACCOUNT_POLICY, async () =>
        known(await google.getServiceAccountPolicy(email), ofGoogle(policyRef)),
      );
      const account = google.getServiceAccount(email);
      const [{ uniqueId, project, disabled }, policy] = await Promise.all([account, reading]);
      const apiRef = `${CREDENTIALS_API} in project ${project}`;
      const [ofProject, credentialsApi] = await Promise.all([
        projectPolicy(google, project),
        toKnownGoogle(apiRef, GET_SERVICE, async () =>
          known(await google.getService(project, CREDENTIALS_API), ofGoogle(apiRef)),
        ),
      ]);
      return known(
        { email, uniqueId, project, disabled, policy, projectPolicy: ofProject, credentialsApi },
        ofGoogle(ref),
      );
    });
  },
});
