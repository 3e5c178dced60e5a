import { makersOf, ofTheCluster } from "../../domain/external-secrets.ts";
import { distinctBy } from "../../domain/distinct.ts";
import type { Finding } from "../../domain/finding.ts";
import { LIST_EVENTS, LIST_EXTERNAL_SECRETS } from "../../domain/external-secrets-grants.ts";
import { GET_SECRETS, LIST_BACKUPS } from "../../domain/grants.ts";
import { eventOf, syncCausesIn } from "../../domain/sync-cause.ts";
import { defineCheck } from "../define.ts";
import { isInvolved, NOT_INVOLVED } from "./not-involved.ts";
import { missingKeys } from "./missing-keys.ts";
import { decodedKeys, undecodable, wrongValues } from "./wrong-values.ts";

export default defineCheck({
  code: "ANT0504",
  slug: "external-secret-mapping",
  title: "Each ExternalSecret brings all keys that the nodes need, and brings them whole",
  area: "external-secrets",
  causes: ["eso.decoding", "eso.mapping-missing-keys", "eso.value-newline"],
  needs: ["cluster", "references", "environments", "externalSecrets"],
  wants: ["operator", "backups", "syncEvents"],
  after: ["ANT0501"],
  required: true,
  requiredIf: isInvolved,
  effect: "read",
  severity: "error",
  grants: [GET_SECRETS, LIST_BACKUPS, LIST_EXTERNAL_SECRETS, LIST_EVENTS],
  run: (facts) => {
    const {
      cluster,
      references,
      environments = [],
      externalSecrets = [],
      operator,
      backups = [],
      syncEvents = [],
    } = facts;
    const mine = ofTheCluster(externalSecrets);
    if (cluster === undefined || references === undefined || mine.length === 0) return NOT_INVOLVED;
    const found = mine.flatMap((one): Finding[] => {
      const event = eventOf("ExternalSecret", one, syncEvents);
      const said = event === undefined ? [] : syncCausesIn(event.message);
      if (event !== undefined && said[0] === "eso.decoding") return [undecodable(one, event, references)];
      const secret = references.secrets[one.target];
      const lint = decodedKeys(one);
      return lint.length > 0 ? lint : secret?.state === "known" ? wrongValues(one, secret.value) : [];
    });
    const lacking = missingKeys({
      cluster,
      environments,
      backups,
      generation: operator?.generation,
      makers: (secret) => makersOf(mine, secret),
      references,
    });
    return distinctBy([...lacking, ...found], ({ message }) => message);
  },
});
