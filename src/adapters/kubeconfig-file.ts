import { readFileSync } from "node:fs";
import { dirname, resolve } from "node:path";

import { KubeConfig, type Cluster, type Context, type User } from "@kubernetes/client-node";
import { LineCounter, parseDocument } from "yaml";
import * as z from "zod/mini";

import { UserError } from "../domain/errors.ts";

const text = z.string();
const shape = z.object({
  "current-context": z.nullish(text),
  clusters: z.nullish(z.array(z.looseObject({ name: text, cluster: z.looseObject({ server: text }) }))),
  contexts: z.nullish(z.array(z.looseObject({ name: text, context: z.looseObject({ cluster: text }) }))),
  users: z.nullish(
    z.array(
      z.looseObject({
        name: text,
        user: z.nullish(
          z.looseObject({
            tokenFile: z.nullish(text),
            exec: z.nullish(z.looseObject({ command: text, args: z.nullish(z.array(text)) })),
            "as-groups": z.nullish(z.array(text)),
            "as-uid": z.nullish(text),
            "as-user-extra": z.optional(z.unknown()),
          }),
        ),
      }),
    ),
  ),
});

/** A user's entry as it stands in the file: client-node drops some of it. */
export type RawUser = NonNullable<z.infer<typeof shape>["users"]>[number];

/** One kubeconfig file, its paths made absolute. */
export interface KubeconfigFile {
  readonly clusters: readonly Cluster[];
  readonly users: readonly User[];
  readonly contexts: readonly Context[];
  readonly current: string | undefined;
  readonly rawUsers: readonly RawUser[];
}

/**
 * Reads one file. Messages name the place and never quote the file: a line of it may be a token.
 * @throws UserError for a file that cannot be read or is no kubeconfig
 */
export function readKubeconfig(file: string): KubeconfigFile {
  const root = parseYaml(file);
  const parsed = z.safeParse(shape, root);
  if (!parsed.success) {
    const [issue] = parsed.error.issues;
    const place = issue?.path.reduce<string>(
      (path, part) =>
        typeof part === "number" ? `${path}[${part}]` : path === "" ? String(part) : `${path}.${String(part)}`,
      "",
    );
    const problem = issue?.message === "Invalid input" ? "is missing or has the wrong type" : issue?.message;
    throw new UserError("broken-kubeconfig", `${file} is not a kubeconfig: ${place || "it"} ${problem}`);
  }
  const rawUsers = parsed.data.users ?? [];
  const config = new KubeConfig();
  // JSON is YAML: what was read once is not parsed anew, and no error can quote the file.
  config.loadFromString(JSON.stringify(root));
  config.makePathsAbsolute(dirname(file));
  return {
    clusters: config.clusters,
    users: config.users.map((user) => withTokenFile(user, rawUsers, dirname(file))),
    contexts: config.contexts,
    current: parsed.data["current-context"] ?? undefined,
    rawUsers,
  };
}

function parseYaml(file: string): unknown {
  let content: string;
  try {
    content = readFileSync(file, "utf8");
  } catch (error) {
    const code = (error as NodeJS.ErrnoException).code ?? "error";
    throw new UserError("unreadable-kubeconfig", `the kubeconfig ${file} cannot be read (${code})`);
  }
  const lineCounter = new LineCounter();
  const document = parseDocument(content, { prettyErrors: false, lineCounter, logLevel: "silent", merge: true });
  const broken = document.errors[0];
  if (broken !== undefined) {
    const { line, col } = lineCounter.linePos(broken.pos[0]);
    throw new UserError("broken-kubeconfig", `${file}:${line}:${col} is not valid YAML (${broken.code})`);
  }
  let root: unknown;
  try {
    root = document.toJS({ maxAliasCount: 50 });
  } catch {
    throw new UserError("broken-kubeconfig", `${file} is not a kubeconfig: too many aliases`);
  }
  if (typeof root !== "object" || root === null || Array.isArray(root)) {
    throw new UserError("broken-kubeconfig", `${file} is not a kubeconfig: it holds no mapping`);
  }
  return root;
}

/** client-node reads `token-file`, kubectl's field is `tokenFile`; its own file authenticator re-reads that one. */
function withTokenFile(user: User, rawUsers: readonly RawUser[], folder: string): User {
  const tokenFile = rawUsers.find((raw) => raw.name === user.name)?.user?.tokenFile;
  if (tokenFile === undefined || tokenFile === null || tokenFile === "") return user;
  return { ...user, authProvider: { name: "tokenFile", config: { tokenFile: resolve(folder, tokenFile) } } };
}
