import { stringify } from "yaml";

import { slots, type StepHandler, type Workshop } from "./handler.ts";

const before = new WeakMap<Workshop, Map<string, Uint8Array | undefined>>();

async function write(path: string, text: string, shop: Workshop): Promise<Record<string, string>> {
  const old = await shop.app.files.write(path, Buffer.from(text, "utf8"));
  before.set(shop, new Map([...(before.get(shop) ?? []), [path, old]]));
  return { path };
}

async function restore(path: string, shop: Workshop): Promise<void> {
  const old = before.get(shop)?.get(path);
  if (old === undefined) await shop.app.files.remove(path);
  else await shop.app.files.write(path, old);
}

/** A file that could not be written was not written: it appears whole or not at all. */
const notThere = async (): Promise<undefined> => undefined;
const nothingToCheck = async (): Promise<void> => {};

export const writeFile: StepHandler<"file.write"> = {
  preview: nothingToCheck,
  apply: ({ with: { path, content } }, shop) => write(path, content, shop),
  find: notThere,
  undo: ({ with: { path } }, _, shop) => restore(path, shop),
};

export const writeSecretFile: StepHandler<"file.secret"> = {
  preview: nothingToCheck,
  apply: ({ with: { path, namespace, name, keys } }, shop) => {
    const data = Object.entries(slots(keys, shop.boxes)).map(([key, value]) => [
      key,
      Buffer.from(value.reveal()).toString("base64"),
    ]);
    const manifest = {
      apiVersion: "v1",
      kind: "Secret",
      metadata: { name, namespace },
      type: "Opaque",
      data: Object.fromEntries(data),
    };
    return write(path, stringify(manifest), shop);
  },
  find: notThere,
  undo: ({ with: { path } }, _, shop) => restore(path, shop),
};
