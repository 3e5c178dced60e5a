import { inspect } from "node:util";

import fc from "fast-check";
import { expect, test } from "vitest";

import { Redactor } from "../../src/domain/redact.ts";
import { Sensitive } from "../../src/domain/sensitive.ts";

const VALUE = "canary-value-0123456789";

test("a Sensitive shows its value in no way but reveal()", () => {
  const secret = new Sensitive(VALUE);
  const shown = [
    String(secret),
    `${secret}`,
    JSON.stringify({ secret }),
    inspect(secret, { showHidden: true, depth: 9 }),
    inspect({ nested: [secret] }),
    JSON.stringify(Object.entries(secret)),
    new Error(`${secret}`).message,
  ];
  for (const text of shown) expect(text).not.toContain("canary");
  expect(Buffer.from(secret.reveal()).toString()).toBe(VALUE);
});

test("two Sensitives are compared by their bytes", () => {
  expect(new Sensitive("a").equals(new Sensitive("a"))).toBe(true);
  expect(new Sensitive("a").equals(new Sensitive("b"))).toBe(false);
  expect(new Sensitive("a").equals(new Sensitive("ab"))).toBe(false);
});

test("the redactor replaces a secret in every form that it can take", () => {
  fc.assert(
    fc.property(fc.string({ minLength: 8, maxLength: 80, unit: "grapheme-ascii" }), (value) => {
      fc.pre(value.trim().length >= 8 && !"[secret]".includes(value.trim()));
      const redactor = new Redactor();
      redactor.watch(new Sensitive(value));
      const bytes = Buffer.from(value);
      for (const form of [
        value,
        JSON.stringify(value).slice(1, -1),
        bytes.toString("base64"),
        bytes.toString("base64url"),
        encodeURIComponent(value),
      ]) {
        const text = redactor.clean(`before ${form} after`);
        expect(text).not.toContain(form);
      }
    }),
  );
});

test("each line of a secret of several lines is replaced", () => {
  const redactor = new Redactor();
  redactor.watch(new Sensitive("first-line-secret\nsecond-line-secret\n"));
  expect(redactor.clean("see second-line-secret here")).toBe("see [secret] here");
});

test("short and ordinary words are left alone", () => {
  const redactor = new Redactor();
  redactor.watch(new Sensitive("auto"));
  expect(redactor.clean("automatic")).toBe("automatic");
});

test("a document stays JSON, whatever its secrets look like", () => {
  const redactor = new Redactor();
  redactor.watch(new Sensitive('"production"'));
  redactor.watch(new Sensitive("another-secret"));
  const text = redactor.text({ namespace: "production", note: 'says "production" and another-secret' });
  expect(JSON.parse(text)).toEqual({ namespace: "production", note: "says [secret] and [secret]" });
});

test("a stream is a document a line", () => {
  const redactor = new Redactor();
  redactor.watch(new Sensitive('"},{"kind'));
  const lines = [{ kind: 'a "},{"kind b' }, { kind: "c\nd" }];
  expect(redactor.text({ lines })).toBe('{"kind":"a [secret] b"}\n{"kind":"c\\nd"}\n');
});

test("data is cleaned all the way down, and a secret that comes later too", () => {
  const redactor = new Redactor();
  redactor.watch(new Sensitive("first-secret"));
  const data = { list: ["a first-secret", { deep: "second-secret" }], none: undefined, n: 1, off: null };
  expect(redactor.cleaned(data).list).toEqual(["a [secret]", { deep: "second-secret" }]);
  redactor.watch(new Sensitive("second-secret"));
  expect(redactor.cleaned(data)).toEqual({ list: ["a [secret]", { deep: "[secret]" }], n: 1, off: null });
});

test("a word that everybody sees stays, although a Secret holds it", () => {
  const redactor = new Redactor();
  redactor.watch(new Sensitive("production"));
  redactor.allow("production");
  expect(redactor.clean("namespace production")).toBe("namespace production");
});

test("a value that was flattened is still recognised", () => {
  const redactor = new Redactor();
  redactor.watch(new Sensitive("tabbed\tpassword\nof two lines"));
  expect(redactor.clean("error: tabbed password of two lines")).toBe("error: [secret]");
});

test("a short value goes where a server quotes it, and nowhere else", () => {
  const redactor = new Redactor();
  redactor.watch(new Sensitive("minio"));
  expect(redactor.cleanQuoted('Invalid value: "minio" (bWluaW8=); see minio.example.com and minioadmin')).toBe(
    'Invalid value: "[secret]" ([secret]); see [secret].example.com and minioadmin',
  );
  expect(redactor.clean("the provider minio")).toBe("the provider minio");
});
