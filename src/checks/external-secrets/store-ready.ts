import { finding, type Finding } from "../../domain/finding.ts";
import { describeStore, eventEvidence, lookAtStore, refOfStore, type StoreUse } from "./store-use.ts";

/** A store that says itself that it cannot be used; External Secrets then asks nothing of it (`assertStoreIsUsable`). */
export function notReady({ one, store, event, said }: StoreUse): Finding[] {
  const { ready } = store;
  const isNamed = said[0] === "eso.store-not-ready";
  if (ready?.status !== "False" && !isNamed) return [];
  const reason = ready === undefined ? "" : ` (${ready.reason}: ${ready.message})`;
  const message = `${describeStore(store)} is not ready${reason}: ExternalSecret ${one.name} gets nothing from it`;
  return [
    finding("eso.store-not-ready", "critical", refOfStore(store), message, {
      evidence: [
        {
          label: "Ready",
          want: "True",
          has: ready === undefined ? "no condition" : `${ready.status}: ${ready.reason}`,
        },
        ...eventEvidence(event),
      ],
      fixes: [lookAtStore(store)],
      transient: true,
    }),
  ];
}
