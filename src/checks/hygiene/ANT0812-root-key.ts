import { GET_SECRETS } from "../../domain/grants.ts";
import { defineCheck } from "../define.ts";

export default defineCheck({
  code: "ANT0812",
  slug: "root-key",
  title: "The access key is not that of an AWS account's root user",
  area: "hygiene",
  causes: [],
  needs: ["cluster"],
  after: ["ANT0201"],
  required: false,
  effect: "read",
  severity: "critical",
  grants: [GET_SECRETS],
  run: () => ({ skip: "only AWS knows whose key it is: aws sts get-caller-identity, signed with the key itself" }),
});
