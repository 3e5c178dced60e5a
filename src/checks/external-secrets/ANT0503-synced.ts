import { lacksSecret, ofTheCluster } from "../../domain/external-secrets.ts";
import type { StoreRef } from "../../domain/external-secrets-facts.ts";
import type { Finding } from "../../domain/finding.ts";
import { LIST_EVENTS, LIST_EXTERNAL_SECRETS, LIST_SECRET_STORES } from "../../domain/external-secrets-grants.ts";
import { GET_SECRETS } from "../../domain/grants.ts";
import { eventOf, syncCausesIn } from "../../domain/sync-cause.ts";
import { defineCheck } from "../define.ts";
import { isInvolved, NOT_INVOLVED } from "./not-involved.ts";
import { remoteFault } from "./remote-faults.ts";
import { syncFault } from "./sync-faults.ts";
import { targetFault } from "./target-faults.ts";

export default defineCheck({
  code: "ANT0503",
  slug: "external-secret-synced",
  title: "Each ExternalSecret has written its Secret",
  area: "external-secrets",
  causes: [
    "eso.immutable-target",
    "eso.merge-target-missing",
    "eso.owner-conflict",
    "eso.remote-denied",
    "eso.remote-missing",
    "eso.sync-error",
  ],
  needs: ["cluster", "references", "externalSecrets"],
  wants: ["syncEvents", "secretStores"],
  after: ["ANT0501", "ANT0502"],
  explainedBy: ["ANT0504"],
  required: true,
  requiredIf: isInvolved,
  effect: "read",
  severity: "critical",
  grants: [GET_SECRETS, LIST_EXTERNAL_SECRETS, LIST_EVENTS, LIST_SECRET_STORES],
  run: ({ references, externalSecrets = [], syncEvents, secretStores }, { mode, now }) => {
    const mine = ofTheCluster(externalSecrets);
    if (references === undefined || mine.length === 0) return NOT_INVOLVED;
    const found = mine.flatMap((one): Finding[] => {
      const isMissing = lacksSecret(one, references);
      const event = eventOf("ExternalSecret", one, syncEvents ?? []);
      const named = ({ kind, name }: Pick<StoreRef, "kind" | "name">): boolean =>
        one.stores.some((ref) => ref.kind === kind && ref.name === name);
      const stores = (secretStores?.stores ?? []).filter(named);
      const lacksStore = (secretStores?.missing ?? []).some(named);
      const said = event === undefined ? [] : syncCausesIn(event.message);
      const sync = { one, isMissing, event, eventsRead: syncEvents !== undefined, said, stores, lacksStore, now };
      return targetFault(sync, mine) ?? remoteFault(sync) ?? syncFault(sync) ?? [];
    });
    // A manifest has no status: what will come of it only its controller can tell.
    const unseen = mine.filter(({ uid }) => uid === undefined);
    if (found.length === 0 && unseen.length > 0)
      return { skip: mode === "files" ? "manifests do not show whether they are synced" : NOT_APPLIED };
    return found;
  },
});

const NOT_APPLIED = "an ExternalSecret of the files is not on the cluster yet: nothing has looked at it";
