import * as z from "zod/mini";

import { metadata, once, text } from "./schemas.ts";

const names = z.nullish(z.array(text));

const role = once(() =>
  z.object({
    metadata,
    rules: z.nullish(z.array(z.object({ verbs: names, apiGroups: names, resources: names, resourceNames: names }))),
  }),
);

const binding = once(() =>
  z.object({
    metadata,
    roleRef: z.object({ kind: text, name: text }),
    subjects: z.nullish(z.array(z.object({ kind: text, name: text, namespace: z.nullish(text) }))),
  }),
);

export type RoleObject = z.infer<ReturnType<typeof role>>;
export type BindingObject = z.infer<ReturnType<typeof binding>>;

export function parseRole(object: unknown): RoleObject {
  return z.parse(role(), object);
}

export function parseBinding(object: unknown): BindingObject {
  return z.parse(binding(), object);
}
