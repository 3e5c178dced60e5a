import type { ResourceType } from "../domain/resources.ts";
import type { KubeObject, ListOptions, Reader, SecretObject } from "../ports.ts";

/** A reader that asks for nothing twice: several AntflyClusters of one namespace are judged by the same answers. */
export class ReaderCache implements Reader {
  readonly #reader: Reader;
  readonly #answers = new Map<string, Promise<unknown>>();

  constructor(reader: Reader) {
    this.#reader = reader;
  }

  version(): Promise<{ gitVersion: string; minor: number }> {
    return this.#once("version", () => this.#reader.version());
  }

  rules(namespace: string): Promise<KubeObject> {
    return this.#once(`rules ${namespace}`, () => this.#reader.rules(namespace));
  }

  servedVersions(group: string): Promise<readonly string[]> {
    return this.#once(`versions ${group}`, () => this.#reader.servedVersions(group));
  }

  holdsInFiles(kind: string): boolean {
    return this.#reader.holdsInFiles(kind);
  }

  get(type: ResourceType, namespace: string | undefined, name: string): Promise<KubeObject> {
    return this.#once(`get ${type.resource}.${type.group} ${namespace}/${name}`, () =>
      this.#reader.get(type, namespace, name),
    );
  }

  list(type: ResourceType, namespace: string | undefined, options?: ListOptions): Promise<readonly KubeObject[]> {
    return this.#once(`list ${type.resource}.${type.group} ${namespace} ${JSON.stringify(options ?? {})}`, () =>
      this.#reader.list(type, namespace, options),
    );
  }

  getSecret(namespace: string, name: string): Promise<SecretObject> {
    return this.#once(`secret ${namespace}/${name}`, () => this.#reader.getSecret(namespace, name));
  }

  listSecrets(namespace: string | undefined): Promise<readonly SecretObject[]> {
    return this.#once(`secrets ${namespace}`, () => this.#reader.listSecrets(namespace));
  }

  serverTime(): Date | undefined {
    return this.#reader.serverTime();
  }

  metric(name: string): Promise<readonly string[]> {
    return this.#once(`metric ${name}`, () => this.#reader.metric(name));
  }

  #once<T>(question: string, ask: () => Promise<T>): Promise<T> {
    const answer = (this.#answers.get(question) as Promise<T> | undefined) ?? ask();
    this.#answers.set(question, answer);
    return answer;
  }
}
