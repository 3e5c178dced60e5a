/*
 * Stands in for the `aws` command, as far as the scripts that the tool writes use it: it asks over the SDK, and prints and
 * fails as the command does. The live lane runs the same scripts with the real one.
 */
import { readFileSync } from "node:fs";

type Json = null | string | number | boolean | readonly Json[] | { readonly [key: string]: Json };
type Constructor = new (input: object) => object;

/** Parameters that are lists. */
const LISTS: ReadonlySet<string> = new Set(["ClientIDList"]);

const [service = "", operation = "", ...rest] = process.argv.slice(2);
const options = new Map<string, string>();
for (let i = 0; i < rest.length; i += 2) options.set(rest[i] ?? "", rest[i + 1] ?? "");
const query = options.get("--query");
const output = options.get("--output") ?? "json";
const region = options.get("--region") ?? "us-east-1";
for (const name of ["--query", "--output", "--region"]) options.delete(name);

function pascal(kebab: string): string {
  const joined = kebab.replace(/(?:^|-)([a-z])/g, (_, letter: string) => letter.toUpperCase());
  return joined.replace("OpenId", "OpenID").replace("ClientId", "ClientID");
}

function input(): Record<string, unknown> {
  const entries = [...options].map(([option, value]) => {
    const name = pascal(option.slice(2));
    const key = service === "eks" ? name.charAt(0).toLowerCase() + name.slice(1) : name;
    const text = value.startsWith("file://") ? readFileSync(value.slice("file://".length), "utf8") : value;
    return [key, LISTS.has(key) ? [text] : text] as const;
  });
  return Object.fromEntries(entries);
}

/** The part of JMESPath that is names, dots and `[]`. */
function pick(value: unknown, path: string): unknown {
  return path.split(".").reduce<unknown>((found, part) => {
    const name = part.replace("[]", "");
    const member = (from: unknown): unknown => (from as Record<string, unknown> | undefined)?.[name];
    return Array.isArray(found) ? found.map(member) : member(found);
  }, value);
}

/** The command shows policies decoded. */
function decoded(value: object): Json {
  return JSON.parse(JSON.stringify(value), (key, member: Json) =>
    key.endsWith("PolicyDocument") && typeof member === "string"
      ? (JSON.parse(decodeURIComponent(member)) as Json)
      : member,
  ) as Json;
}

function print(value: unknown): void {
  if (output === "text") {
    const list = Array.isArray(value) ? value : [value ?? "None"];
    process.stdout.write(`${list.join("\t")}\n`);
  } else if (value !== undefined) process.stdout.write(`${JSON.stringify(value, null, 4)}\n`);
}

/** One alone is loaded: a script runs the command many times. */
const sdk = (await import(`@aws-sdk/client-${service}`)) as Readonly<Record<string, Constructor>>;
const Client = sdk[`${service.toUpperCase()}Client`] as unknown as new (settings: object) => {
  send(command: object): Promise<{ $metadata?: unknown }>;
};
const Command = sdk[`${pascal(operation)}Command`];
if (Command === undefined) throw new Error(`no such operation: ${service} ${operation}`);
try {
  const { $metadata: _, ...answer } = await new Client({ region }).send(new Command(input()));
  const shown = decoded(answer);
  print(query === undefined ? shown : pick(shown, query));
} catch (error) {
  const { name, message } = error as Error;
  const code = name.replace(/Exception$/, "");
  process.stderr.write(
    `\nAn error occurred (${service === "eks" ? name : code}) when calling the ${pascal(operation)} operation: ${message}\n`,
  );
  process.exitCode = 254;
}
