import { stringify } from "yaml";

import { UserError } from "../domain/errors.ts";
import type { StepKind, StepOf } from "../domain/plan.ts";
import { printable } from "../domain/text.ts";
import { slots, type StepHandler, type Workshop } from "./handler.ts";

type FileKind = Extract<StepKind, "file.write" | "file.secret">;

/** A file that is written whole, and put back as it was. */
function fileHandler<K extends FileKind>(contentOf: (step: StepOf<K>, shop: Workshop) => string): StepHandler<K> {
  /** What was there before, in memory: it may be a Secret. */
  const before = new WeakMap<StepOf<K>, Uint8Array | undefined>();
  return {
    preview: async (step, shop) => {
      const there = await shop.app.files.readIfThere(step.with.path);
      if (there === undefined || shop.replaceFiles || same(there, contentOf(step, shop))) return;
      throw new UserError("would-overwrite", `${printable(step.with.path)} is there already, with other content`, {
        hint: "choose another folder, or replace it with --overwrite",
      });
    },
    apply: async (step, shop) => {
      const { path } = step.with;
      before.set(step, await shop.app.files.readIfThere(path));
      await shop.app.files.write(path, Buffer.from(contentOf(step, shop), "utf8"));
      return { path };
    },
    // It appears whole or not at all.
    find: async () => undefined,
    undo: async (step, _, { app }) => {
      const old = before.get(step);
      await (old === undefined ? app.files.remove(step.with.path) : app.files.write(step.with.path, old));
    },
  };
}

export const writeFile = fileHandler<"file.write">(({ with: { content } }) => content);

export const writeSecretFile = fileHandler<"file.secret">(({ with: { namespace, name, keys } }, shop) => {
  const data = Object.entries(slots(keys, shop.boxes)).map(([key, value]) => [
    key,
    Buffer.from(value.reveal()).toString("base64"),
  ]);
  return stringify({
    apiVersion: "v1",
    kind: "Secret",
    metadata: { name, namespace },
    type: "Opaque",
    data: Object.fromEntries(data),
  });
});

function same(bytes: Uint8Array, text: string): boolean {
  return Buffer.from(text, "utf8").equals(bytes);
}
