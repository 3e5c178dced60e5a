import type { Step } from "../domain/plan.ts";
import type { IdentityInput } from "./identity-input.ts";

/** Where a run that is cut off has written what it was about to do. */
export function noteName(cluster: string): string {
  return `antfly-creds-init-${cluster}`;
}

/** Nothing of what an earlier run has begun is left to be done: its note can go. */
export function forgetStep({
  cluster: { namespace },
  note,
}: Pick<IdentityInput, "cluster"> & Partial<Pick<IdentityInput, "note">>): Step[] {
  if (note === undefined) return [];
  return [
    {
      id: "note",
      title: `remove ConfigMap ${namespace}/${note.name}, the note of a run that was cut off`,
      do: "journal.remove",
      with: { namespace, name: note.name, uid: note.uid },
      undo: "none",
      diff: [],
    },
  ];
}
