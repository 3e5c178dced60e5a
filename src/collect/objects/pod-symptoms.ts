import * as z from "zod/mini";

import { metadata, once, text } from "./schemas.ts";

const reasoned = z.nullish(z.object({ reason: z.nullish(text), message: z.nullish(text) }));
const state = z.nullish(z.object({ waiting: reasoned, terminated: reasoned }));
const statuses = z.nullish(z.array(z.object({ name: text, state, lastState: state, ready: z.nullish(z.boolean()) })));

const podObject = once(() =>
  z.object({
    metadata,
    status: z.nullish(
      z.object({
        phase: z.nullish(text),
        reason: z.nullish(text),
        message: z.nullish(text),
        conditions: z.nullish(
          z.array(z.object({ type: text, status: text, reason: z.nullish(text), message: z.nullish(text) })),
        ),
        containerStatuses: statuses,
        initContainerStatuses: statuses,
      }),
    ),
  }),
);

/** What a pod says of itself that may be a symptom, and whose it is. */
export interface PodSymptoms {
  readonly name: string;
  readonly labels: Readonly<Record<string, string>>;
  /** Its containers are ready, or have done their work. */
  readonly well: boolean;
  /** `CreateContainerConfigError: secret "x" not found`, the newest first. */
  readonly texts: readonly string[];
}

export function parsePodSymptoms(object: unknown): PodSymptoms {
  const { metadata: meta, status } = z.parse(podObject(), object);
  const all = [...(status?.initContainerStatuses ?? []), ...(status?.containerStatuses ?? [])];
  const scheduled = (status?.conditions ?? []).find((one) => one.type === "PodScheduled" && one.status === "False");
  const reasons = [
    ...all.map((one) => one.state?.waiting),
    ...all.map((one) => one.state?.terminated),
    ...all.map((one) => one.lastState?.terminated),
    scheduled,
    { reason: status?.reason, message: status?.message },
  ];
  const texts = reasons.flatMap((one) => {
    const parts = [one?.reason, one?.message].filter((part) => part !== undefined && part !== null && part !== "");
    return parts.length === 0 ? [] : parts.join(": ");
  });
  const containers = status?.containerStatuses ?? [];
  return {
    name: meta.name,
    labels: meta.labels ?? {},
    well: status?.phase === "Succeeded" || (containers.length > 0 && containers.every((one) => one.ready === true)),
    texts: [...new Set(texts)],
  };
}

const eventObject = once(() => z.object({ type: z.nullish(text), reason: z.nullish(text), message: z.nullish(text) }));

/** An event as one line; undefined for one that reports nothing wrong. */
export function parseWarning(object: unknown): string | undefined {
  const { type, reason, message } = z.parse(eventObject(), object);
  return type === "Normal" ? undefined : `${reason ?? ""}: ${message ?? ""}`;
}

const conditioned = once(() =>
  z.object({
    status: z.nullish(
      z.object({
        phase: z.nullish(text),
        message: z.nullish(text),
        conditions: z.nullish(
          z.array(z.object({ type: text, status: text, reason: z.nullish(text), message: z.nullish(text) })),
        ),
        lastFailedBackup: z.nullish(z.object({ error: z.nullish(text) })),
      }),
    ),
  }),
);

/** What an AntflyBackup, an AntflyRestore or a Job says of its failures. */
export function parseFailures(object: unknown): string[] {
  const { status } = z.parse(conditioned(), object);
  const bad = (status?.conditions ?? []).filter(({ type, status: is }) =>
    type === "Failed" ? is === "True" : is === "False",
  );
  const texts = [
    status?.lastFailedBackup?.error,
    status?.message,
    ...bad.map(({ type, reason, message }) => [type, reason, message].filter(Boolean).join(": ")),
  ];
  return [...new Set(texts.filter((one): one is string => typeof one === "string" && one !== ""))];
}
