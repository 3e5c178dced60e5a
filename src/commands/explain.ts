import { UserError, type ExitCode } from "../domain/errors.ts";
import { nearest } from "../domain/text.ts";
import type { App } from "../ports.ts";

/** The name of a page; only such a word becomes part of a path. */
const CODE = /^ANT\d{4}$/i;

/** Prints the page of a check, or of the check that a cause belongs to; without a word, the list of all. */
export async function explain(word: string | undefined, app: App): Promise<ExitCode> {
  if (word !== undefined && CODE.test(word)) {
    const text = await page(app, word.toUpperCase()).catch(() => undefined);
    if (text !== undefined) {
      app.terminal.out(text);
      return 0;
    }
  }
  const { CHECKS } = await import("../checks/index.ts");
  if (word === undefined) {
    app.terminal.out(CHECKS.map((check) => `${check.code}  ${check.title}\n`).join(""));
    return 0;
  }
  const code = CHECKS.find((check) => check.slug === word)?.code;
  if (code !== undefined) {
    app.terminal.out(await page(app, code));
    return 0;
  }
  const causes: string[] = [];
  const sections: string[] = [];
  for (const check of CHECKS) {
    const text = await page(app, check.code);
    for (const section of text.split(/^(?=## )/m)) {
      const cause = /^## `([^`]+)`/.exec(section)?.[1];
      if (cause === undefined) continue;
      if (cause === word) sections.push(`${check.code} ${check.title}\n\n${section.trimEnd()}\n`);
      causes.push(cause);
    }
  }
  // Several checks may find it: in what is written, and in what a cloud answers.
  if (sections.length > 0) {
    app.terminal.out(sections.join("\n"));
    return 0;
  }
  const near = nearest(word, [...CHECKS.flatMap((check) => [check.code, check.slug]), ...causes]);
  throw new UserError("unknown-code", `there is no check or cause "${word}"`, {
    hint: near === undefined ? "antfly-creds explain lists all checks" : `did you mean ${near}?`,
  });
}

async function page(app: App, code: string): Promise<string> {
  return Buffer.from(await app.files.read(`${app.pages}/${code}.md`)).toString("utf8");
}
