import type { EncryptionResult } from "../domain/encryption-step.ts";
import type { Style } from "../domain/style.ts";
import { printable } from "../domain/text.ts";

/** The document that scripts rely on (`schemas/encryption.v1.json`). */
export function encryptionDocument(result: EncryptionResult): object {
  return {
    schema: "antfly-creds.encryption/v1",
    platform: result.platform,
    inForce: { state: result.inForce.is, text: inForceText(result) },
    files: result.files,
    steps: result.steps.map(({ what, commands, lines = [] }) => ({ what, commands, lines })),
    exitCode: 0,
  };
}

/** `Secrets are encrypted with secretbox, …`. */
export function inForceText({ inForce, readInClear }: Pick<EncryptionResult, "inForce" | "readInClear">): string {
  if (inForce.is === "unknown")
    return `how Secrets get into etcd could not be told${inForce.why === undefined ? "" : `: ${inForce.why}`}`;
  const weak = inForce.is === "encrypted" && inForce.weak !== undefined ? `; ${inForce.weak}` : "";
  const old =
    readInClear === 0 ? "" : `; since it started, it has read ${readInClear} times a Secret that lay in etcd in clear`;
  return `Secrets are ${inForce.how}${weak}${old}`;
}

/** What is in force, the files, and the steps. */
export function renderEncryption(result: EncryptionResult, { paint }: Style): string {
  const written = result.files.filter(({ written: isWritten }) => isWritten);
  const head = [
    `In force now: ${printable(inForceText(result))}.`,
    ...written.map(({ path }) => `Written: ${printable(path)} (mode 0600)`),
    ...(result.dryRun
      ? result.files.map(
          ({ path, shown }) => `\n${paint.bold(printable(path))}\n${indent(shown.trimEnd().split("\n"))}`,
        )
      : []),
  ];
  const steps = result.steps.map(({ what, commands, lines = [] }, i) =>
    [
      `${i + 1}. ${printable(what)}`,
      ...(lines.length === 0 ? [] : [indent(lines)]),
      ...(commands.length === 0 ? [] : [indent(commands.map((line) => paint.cyan(printable(line))))]),
    ].join("\n"),
  );
  return `${[head.join("\n"), ...steps].join("\n\n")}\n`;
}

function indent(lines: readonly string[]): string {
  return lines.map((line) => `   ${line}`).join("\n");
}
