import { readdirSync, readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";

import { expect, test } from "vitest";

import { CHECKS } from "../../src/checks/index.ts";
import { generatedFiles } from "../../scripts/generated-files.ts";

const root = fileURLToPath(new URL("../../", import.meta.url));
const page = (code: string): string => readFileSync(`${root}docs/checks/${code}.md`, "utf8");

test("codes and slugs are unique, and the list is sorted", () => {
  const codes = CHECKS.map((check) => check.code);
  expect(codes).toEqual([...new Set(codes)].sort());
  expect(new Set(CHECKS.map((check) => check.slug)).size).toBe(CHECKS.length);
});

test("generated files are fresh", async () => {
  for (const [path, content] of await generatedFiles())
    expect(readFileSync(`${root}${path}`, "utf8"), path).toBe(content);
});

for (const check of CHECKS) {
  test(`${check.code} has a page with its title, and a section for each cause that its fixture finds`, () => {
    const text = page(check.code);
    expect(text.split("\n")[0]).toBe(`# ${check.code} ${check.title}`);
    const fixture = readFileSync(`${root}test/checks/fixtures/${check.code}.yaml`, "utf8");
    const found = [...fixture.matchAll(/(?:fail|warn|info) ([a-z0-9]+\.[a-zA-Z0-9-]+) /g)].map(
      (match) => match[1] ?? "",
    );
    if (check.causes.length > 0) expect(found.length).toBeGreaterThan(0);
    for (const cause of new Set(found)) expect(text).toContain(`## \`${cause}\``);
  });

  test(`${check.code} names causes that its page explains and its fixture finds`, () => {
    const folder = `${root}src/checks/`;
    const file =
      readdirSync(folder, { recursive: true, encoding: "utf8" }).find((name) => name.includes(check.code)) ?? "";
    const source = readFileSync(`${folder}${file}`, "utf8");
    const causes = [
      ...source.matchAll(/finding\(\s*(?:\w+ \? )?"([a-z0-9]+\.[a-zA-Z0-9-]+)"(?: : "([a-z0-9]+\.[a-zA-Z0-9-]+)")?/g),
    ].flatMap((match) => [match[1], match[2]]);
    const fixture = readFileSync(`${root}test/checks/fixtures/${check.code}.yaml`, "utf8");
    for (const cause of new Set([...check.causes, ...causes.filter((one) => one !== undefined)])) {
      expect(page(check.code)).toContain(`## \`${cause}\``);
      expect(fixture, `the fixture finds ${cause}`).toContain(` ${cause} `);
    }
  });

  test(`${check.code} declares the permissions that its facts are read with`, () => {
    // Everybody may ask for these, and files need no right in the cluster.
    const free = new Set(["access", "server", "inputs", "suppressions"]);
    if (check.needs.some((need) => !free.has(need))) expect(check.grants.length).toBeGreaterThan(0);
    for (const code of check.after ?? []) expect(CHECKS.map((other) => other.code)).toContain(code);
  });
}
