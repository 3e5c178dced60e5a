import { staticKeysUse } from "../../domain/env/static-keys.ts";
import { edit, finding } from "../../domain/finding.ts";
import { refOfCluster } from "../../domain/fixes.ts";
import { GET_SECRETS, LIST_BACKUPS } from "../../domain/grants.ts";
import { defineCheck } from "../define.ts";

export default defineCheck({
  code: "ANT0811",
  slug: "static-keys",
  title: "An identity in the cloud is used where the database can use one",
  area: "hygiene",
  causes: ["hygiene.static-keys-in-use"],
  needs: ["cluster", "environments", "backups", "operator"],
  after: ["ANT0201"],
  required: false,
  effect: "read",
  severity: "info",
  grants: [GET_SECRETS, LIST_BACKUPS],
  run: ({ cluster, environments = [], backups = [], operator }, { mode }) => {
    if (cluster === undefined) return [];
    const { used, because } = staticKeysUse(cluster, environments, backups);
    if (!used && !cluster.configured.credentials) return [];
    if (operator?.generation === undefined) {
      const why = "whether the database can use anything else depends on the operator's generation";
      return mode === "files" ? { skip: `${why}, which files do not show` } : { findings: [], undecided: [why] };
    }
    if (operator.generation !== 3) {
      return {
        skip: "the database images of this operator sign backups with static keys alone; there is no other way",
      };
    }
    const message =
      "The cluster signs with static keys; a connection with credentials.source: web_identity needs none to keep or to replace";
    return [
      finding("hygiene.static-keys-in-use", "info", refOfCluster(cluster), message, {
        evidence: [{ label: "static keys", has: because }],
        fixes: [
          edit(
            "define a connection under spec.config.connections, name it in the AntflyBackup, see a backup succeed, then remove the Secret",
          ),
        ],
      }),
    ];
  },
});
