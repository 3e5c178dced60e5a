import { flag, text, within } from "./google-answer.ts";
import type { Json } from "./google-connection.ts";

/** Whether a bucket keeps new objects from being removed: its retention policy, or the hold that they are put under. */
export function retains(bucket: Json): boolean {
  return (
    text(within(bucket, "retentionPolicy"), "retentionPeriod") !== undefined || flag(bucket, "defaultEventBasedHold")
  );
}
