import { readFileSync, writeFileSync } from "node:fs";

import { parse, stringify } from "yaml";

// The editor of somebody who changes what EDIT says, a merge patch (RFC 7386), in the YAML file that `kubectl edit` shows.
const [, , file = ""] = process.argv;

function merged(target: unknown, patch: unknown): unknown {
  if (typeof patch !== "object" || patch === null || Array.isArray(patch)) return patch;
  const result = new Map(Object.entries(typeof target === "object" && target !== null ? target : {}));
  for (const [key, value] of Object.entries(patch)) {
    if (value === null) result.delete(key);
    else result.set(key, merged(result.get(key), value));
  }
  return Object.fromEntries(result);
}

writeFileSync(file, stringify(merged(parse(readFileSync(file, "utf8")), JSON.parse(process.env["EDIT"] ?? "{}"))));
