import { Option, type Command } from "commander";

import type { ExitCode } from "../domain/errors.ts";

/** As `REPORT_FORMATS` of print-report.ts, which is loaded when a command runs. */
export const REPORT_FORMATS = "human, json, ndjson, sarif, junit, github, markdown";

export type Action = (...args: never[]) => Promise<ExitCode>;
/** Makes what commander calls of a command. */
export type Run = (action: Action) => (...args: unknown[]) => Promise<void>;

export function clusterOptions(command: Command): Command {
  return connectionOptions(
    command.option("-n, --namespace <namespace>", "namespace of the AntflyCluster (default: the context's)"),
  );
}

export function connectionOptions(command: Command): Command {
  return command
    .option("--context <name>", "context of the kubeconfig")
    .option("--kubeconfig <file>", "kubeconfig file (default: KUBECONFIG, then ~/.kube/config)")
    .option("--timeout <duration>", "deadline of each call to the cluster", "15s");
}

/** Options of every command that runs checks. */
export function checkOptions(command: Command): Command {
  return command
    .addOption(outputOption(REPORT_FORMATS))
    .addOption(
      new Option("--fail-on <severity>", "exit 3 on errors, or also 4 on warnings (default: error)").choices([
        "error",
        "warning",
      ]),
    )
    .addOption(list("--only <code>", "run only this check, or all that begin with it, as ANT02 (repeatable)"))
    .addOption(list("--skip <code>", "leave this check out (repeatable)"))
    .addOption(list("--allow-unknown <code>", "accept that this check cannot tell (repeatable)"))
    .option("--config <file>", "configuration file (default: .antfly-creds.yaml here or above, ANTFLY_CREDS_CONFIG)")
    .option("-q, --quiet", "print problems only")
    .option("-v, --verbose", "print every check");
}

export function manifestOptions(command: Command): Command {
  return command
    .option("--assume-absent", "a Secret or ConfigMap that is not among the files does not exist")
    .option("--kubernetes-version <version>", "version that the manifests are for, as 1.34 (default: the newest)");
}

export function outputOption(formats: string): Option {
  return list("-o, --output <format>", `${formats}; FORMAT=FILE writes to a file (repeatable)`);
}

export function list(flags: string, description: string): Option {
  return new Option(flags, description)
    .argParser((value: string, before: readonly string[] | undefined) => [...(before ?? []), value])
    .default([], "none");
}
