/** These calls of an object that is loaded when the first of them is made. */
export function loaded<T extends object, K extends keyof T & string>(
  load: () => Promise<T>,
  names: readonly K[],
): Pick<T, K> {
  type AnyCall = (...args: readonly unknown[]) => unknown;
  const calls = names.map((name) => [
    name,
    async (...args: readonly unknown[]) => ((await load())[name] as AnyCall)(...args),
  ]);
  return Object.fromEntries(calls) as Pick<T, K>;
}

/** Made when it is first asked for. */
export function once<T>(make: () => Promise<T>): () => Promise<T> {
  let made: Promise<T> | undefined;
  return () => (made ??= make());
}
