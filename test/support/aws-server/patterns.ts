/** `*` is any text, also none; `?` is one character. */
export function wildcard(pattern: string, text: string): boolean {
  const source = pattern
    .replace(/[\\^$.+()[\]{}|]/g, "\\$&")
    .replaceAll("*", ".*")
    .replaceAll("?", ".");
  return new RegExp(`^${source}$`, "su").test(text);
}

/** With the values of its variables; undefined when the request has none for one of them. */
export function resolved(pattern: string, context: ReadonlyMap<string, readonly string[]>): string | undefined {
  let missing = false;
  const text = pattern.replace(/\$\{([^}]*)\}/g, (_, inside: string) => {
    if (["*", "?", "$"].includes(inside)) return inside;
    const [, key = inside, fallback] = /^\s*([^,\s]+)\s*(?:,\s*'([^']*)')?\s*$/.exec(inside) ?? [];
    const value = context.get(key.toLowerCase())?.[0] ?? fallback;
    missing ||= value === undefined;
    return value ?? "";
  });
  return missing ? undefined : text;
}

export function list(value: unknown): readonly unknown[] {
  if (value === undefined) return [];
  return Array.isArray(value) ? value : [value];
}
