/*
 * Stands in for the `gcloud` command, as far as messages and scripts of the tool use it: it takes the flags that the
 * reference of gcloud names, refuses others, reaches the APIs and reads its credentials by gcloud's own variables, and
 * prints and fails as the command does. `parity.test.ts` runs the real one beside it where there is one.
 */
import { BUCKETS } from "./buckets.ts";
import { Client } from "./client.ts";
import type { Commands } from "./command.ts";
import { CLUSTERS } from "./container.ts";
import { GcloudFailure } from "./failure.ts";
import { HMAC } from "./hmac.ts";
import { printed } from "./print.ts";
import { PROJECTS } from "./projects.ts";
import { SERVICE_ACCOUNTS } from "./service-accounts.ts";
import { commandIn, parseWords } from "./words.ts";

const COMMANDS: Commands = { ...SERVICE_ACCOUNTS, ...BUCKETS, ...HMAC, ...CLUSTERS, ...PROJECTS };

const NO_PROJECT =
  "The required property [project] is not currently set.\nIt can be set on a per-command basis by re-running your command with the [--project] flag.";

let at = "gcloud";
try {
  const { name, command, rest } = commandIn(COMMANDS, process.argv.slice(2));
  at = `gcloud.${name.replaceAll(" ", ".")}`;
  const { names, flags } = parseWords(command, rest);
  const value = await command.run({
    names,
    flags,
    client: new Client(process.env),
    project: () => {
      const project = flags.get("project") ?? process.env["CLOUDSDK_CORE_PROJECT"];
      if (project === undefined) throw new GcloudFailure(1, NO_PROJECT);
      return project;
    },
  });
  process.stdout.write(printed(value, flags.get("format")));
} catch (error) {
  if (!(error instanceof GcloudFailure)) throw error;
  process.stderr.write(`ERROR: (${at}) ${error.message}\n`);
  process.exitCode = error.code;
}
