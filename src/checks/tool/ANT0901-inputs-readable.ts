import { edit, finding, type Finding } from "../../domain/finding.ts";
import { defineCheck } from "../define.ts";

export default defineCheck({
  code: "ANT0901",
  slug: "inputs-readable",
  title: "Every file could be read, and holds what the API server takes",
  area: "tool",
  scopes: ["inputs"],
  causes: [
    "input.alias-bomb",
    "input.api-version",
    "input.bad-name",
    "input.binary",
    "input.duplicate-key",
    "input.duplicate-object",
    "input.env-file",
    "input.incomplete",
    "input.kustomization",
    "input.malformed-object",
    "input.no-cluster",
    "input.not-a-string",
    "input.not-yaml",
    "input.template",
    "input.unknown-field",
    "input.unreadable",
  ],
  needs: ["inputs"],
  required: true,
  effect: "read",
  severity: "error",
  grants: [],
  run: ({ inputs }) =>
    (inputs?.problems ?? []).map(({ cause, severity, subject, message, location, fix }): Finding => ({
      ...finding(cause, severity, subject, message, { fixes: fix === undefined ? [] : [edit(fix)] }),
      location,
    })),
});
