import type { Api } from "./call.ts";
import { BUCKET_ROUTES } from "./storage-buckets.ts";
import { HMAC_ROUTES } from "./storage-hmac.ts";
import { OBJECT_ROUTES } from "./storage-objects.ts";

/** Cloud Storage by its JSON API; it has no prefix, since clients put `/upload` before the path. */
export const STORAGE: Api = {
  host: "storage.googleapis.com",
  prefix: "/",
  style: "storage",
  routes: [...BUCKET_ROUTES, ...OBJECT_ROUTES, ...HMAC_ROUTES],
};
