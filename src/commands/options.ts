import { parseDuration } from "../domain/duration.ts";
import { UserError } from "../domain/errors.ts";
import type { KubeSelection } from "../ports.ts";

/** Options of every command that talks to a cluster, as commander gives them. */
export interface ClusterOptions {
  readonly namespace?: string;
  readonly context?: string;
  readonly kubeconfig?: string;
  readonly timeout: string;
}

export interface OutputOptions {
  readonly output?: readonly string[];
}

export function kubeSelection(options: ClusterOptions): KubeSelection {
  return {
    timeoutMs: parseDuration(options.timeout, "--timeout"),
    ...(options.namespace === undefined ? {} : { namespace: options.namespace }),
    ...(options.context === undefined ? {} : { context: options.context }),
    ...(options.kubeconfig === undefined ? {} : { kubeconfig: options.kubeconfig }),
  };
}

/** One `-o FORMAT[=FILE]`; without a file it goes to stdout. */
export interface Output<F extends string> {
  readonly format: F;
  readonly file: string | undefined;
}

/** @throws UserError for a format that the command does not have, or two formats on stdout */
export function parseOutputs<F extends string>(options: OutputOptions, formats: readonly [F, ...F[]]): Output<F>[] {
  const outputs = (options.output ?? []).map((text): Output<F> => {
    const [format = "", ...file] = text.split("=");
    const known = formats.find((candidate) => candidate === format);
    if (known === undefined) {
      throw new UserError("bad-output", `there is no output format "${format}"`, {
        hint: `formats: ${formats.join(", ")}`,
      });
    }
    return { format: known, file: file.length === 0 ? undefined : file.join("=") };
  });
  if (outputs.filter((output) => output.file === undefined).length > 1) {
    throw new UserError("bad-output", "only one output format can go to stdout", {
      hint: `give the others a file: -o ${formats.at(-1)}=FILE`,
    });
  }
  return outputs.length === 0 ? [{ format: formats[0], file: undefined }] : outputs;
}
