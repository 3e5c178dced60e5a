import { resolve } from "node:path";

import { UserError } from "../domain/errors.ts";
import type { Printed } from "../domain/redact.ts";
import type { App } from "../ports.ts";

export interface OutputOptions {
  readonly output?: readonly string[];
}

/** One `-o FORMAT[=FILE]`; without a file it goes to stdout. */
export interface Output<F extends string> {
  readonly format: F;
  readonly file: string | undefined;
}

/**
 * The outputs that were asked for; the first format of `formats` when none was. Files are seen to be writable now, so
 * that nothing is done whose result could not be kept.
 * @throws UserError for a format that the command does not have, two formats in one place, or a file that cannot be written
 */
export async function parseOutputs<F extends string>(
  options: OutputOptions,
  formats: readonly [F, ...F[]],
  app: App,
): Promise<Output<F>[]> {
  const outputs = (options.output ?? []).map((text): Output<F> => {
    const [format = "", ...file] = text.split("=");
    const known = formats.find((candidate) => candidate === format);
    if (known === undefined) {
      throw new UserError("bad-output", `there is no output format "${format}"`, {
        hint: `formats: ${formats.join(", ")}`,
      });
    }
    if (text === `${format}=`) throw new UserError("bad-output", `-o ${text} names no file`);
    if (text === `${format}=-`)
      throw new UserError("bad-output", `-o ${text} names no file`, { hint: `-o ${format} goes to standard output` });
    return { format: known, file: file.length === 0 ? undefined : file.join("=") };
  });
  if (outputs.filter((output) => output.file === undefined).length > 1) {
    throw new UserError("bad-output", "only one output format can go to stdout", {
      hint: `give the others a file: -o ${formats.at(-1)}=FILE`,
    });
  }
  const paths = outputs.flatMap(({ file }) => (file === undefined ? [] : resolve(app.cwd, file)));
  if (new Set(paths).size < paths.length)
    throw new UserError("bad-output", "two outputs go to the same file, and one would be lost");
  for (const { file } of outputs) if (file !== undefined) await app.files.assertWritable(file);
  return outputs.length === 0 ? [{ format: formats[0], file: undefined }] : outputs;
}

/** Renders each output once and puts it where it belongs, without any secret seen in this run. */
export async function printOutputs<F extends string>(
  app: App,
  outputs: readonly Output<F>[],
  render: (format: F) => Printed | Promise<Printed>,
): Promise<void> {
  for (const { format, file } of outputs) {
    const rendering = await render(format);
    if (file === undefined) app.terminal.out(rendering);
    else await app.files.write(file, Buffer.from(app.redactor.text(rendering), "utf8"));
  }
}
