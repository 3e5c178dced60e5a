import type { Redactor } from "../domain/redact.ts";
import type { Aws, AwsProfile, AwsSelection } from "./aws.ts";
import type { Files } from "./files.ts";
import type { Google, GoogleSelection } from "./google.ts";
import type { Kube, KubeSelection } from "./kube.ts";
import type { Terminal } from "./terminal.ts";

/** Everything a command can reach. Clients are made when first asked for. */
export interface App {
  readonly terminal: Terminal;
  readonly redactor: Redactor;
  readonly files: Files;
  readonly cwd: string;
  readonly version: string;
  /** Where configuration may lie besides the working directory and the folders above it. */
  readonly configuration: {
    readonly named: string | undefined;
    readonly userFile: string | undefined;
    /** ANTFLY_CREDS_CLOUD=off: no cloud is asked. */
    readonly noCloud: boolean;
  };
  /** Folder with the pages of the checks. */
  readonly pages: string;
  /** Aborts when the user interrupts. */
  readonly signal: AbortSignal;
  now(): Date;
  random(bytes: number): Uint8Array;
  /** From now on memory counts more than time: much is about to be read. */
  spareMemory(): void;
  sleep(milliseconds: number): Promise<void>;
  kube(selection: KubeSelection): Promise<Kube>;
  awsProfile(name: string): Promise<AwsProfile>;
  aws(selection: AwsSelection): Promise<Aws>;
  google(selection: GoogleSelection): Promise<Google>;
}
