// Preloaded with --import: appends the address of every module that is loaded to the file IMPORT_LOG names.
import { appendFileSync } from "node:fs";
import { registerHooks } from "node:module";

registerHooks({
  resolve(specifier, context, next) {
    const resolved = next(specifier, context);
    appendFileSync(process.env.IMPORT_LOG, `${resolved.url}\n`);
    return resolved;
  },
});
