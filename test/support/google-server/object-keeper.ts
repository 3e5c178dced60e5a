import type { Answer } from "./answer.ts";
import { Refusal } from "./refusal.ts";
import type { Bucket } from "./state.ts";
import type { Upload } from "./storage-upload.ts";

/** Where objects lie once it is known that somebody may have them: in this process, or in a server of Cloud Storage's API. */
export interface ObjectKeeper {
  /** The live object of this name, or that generation of it; undefined where there is none. */
  find(bucket: Bucket, key: string, generation: string | undefined): Promise<{ readonly updated: string } | undefined>;
  /** @throws Refusal when the object is not of the generation that the query demands */
  insert(bucket: Bucket, upload: Upload, query: URLSearchParams): Promise<Answer>;
  /** Of an object that is there: what it holds with `alt=media`, else what it is like. */
  read(bucket: Bucket, key: string, query: URLSearchParams): Promise<Answer>;
  remove(bucket: Bucket, key: string, generation: string | undefined): Promise<void>;
  list(bucket: Bucket, query: URLSearchParams): Promise<Answer>;
}

export function conditionNotMet(): Refusal {
  return new Refusal(412, "conditionNotMet", "At least one of the pre-conditions you specified did not hold.", [
    { locationType: "header", location: "If-Match" },
  ]);
}
