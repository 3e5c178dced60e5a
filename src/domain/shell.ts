const PLAIN_WORD = /^[\w@%+=:,./-]+$/;

/** The text as one word of a POSIX shell: quoted where it holds anything that a shell would act on. */
export function shellWord(text: string): string {
  return PLAIN_WORD.test(text) ? text : `'${text.replaceAll("'", `'\\''`)}'`;
}

export function shellWords(texts: readonly string[]): string {
  return texts.map(shellWord).join(" ");
}

/**
 * A command line to be pasted. Every hole is one quoted word, or a list of them; an empty list leaves no gap. Names come
 * from the cluster, and a reference in `envFrom` may be any text: none of it may become a command of its own.
 */
export function shell(literals: TemplateStringsArray, ...holes: readonly (string | readonly string[])[]): string {
  return literals.reduce((line, literal, i) => {
    const hole = holes[i - 1] ?? [];
    const words = typeof hole === "string" ? shellWord(hole) : shellWords(hole);
    return words === "" ? line.trimEnd() + literal : line + words + literal;
  });
}
