import { execFileSync } from "node:child_process";
import { cp, mkdir, readdir, readFile, rename, rm, stat, writeFile } from "node:fs/promises";
import { isBuiltin } from "node:module";
import { join } from "node:path";
import { fileURLToPath } from "node:url";

import { build, transform, type Metafile, type Plugin } from "esbuild";

// Builds the published package into build/package: one bundle in chunks, the pages of the checks, the licences of what
// is bundled, and a package.json without dependencies.

const root = fileURLToPath(new URL("..", import.meta.url));
const target = join(root, "build", "package");
const quiet = process.argv.includes("--quiet");

/** Stands in for a licence that a package names and does not bring along. */
const STANDARD_TEXTS: Readonly<Record<string, string>> = {
  MIT: 'Permission is hereby granted, free of charge, to any person obtaining a copy of this software and associated documentation files (the "Software"), to deal in the Software without restriction, including without limitation the rights to use, copy, modify, merge, publish, distribute, sublicense, and/or sell copies of the Software, and to permit persons to whom the Software is furnished to do so, subject to the following conditions: The above copyright notice and this permission notice shall be included in all copies or substantial portions of the Software. THE SOFTWARE IS PROVIDED "AS IS", WITHOUT WARRANTY OF ANY KIND, EXPRESS OR IMPLIED, INCLUDING BUT NOT LIMITED TO THE WARRANTIES OF MERCHANTABILITY, FITNESS FOR A PARTICULAR PURPOSE AND NONINFRINGEMENT. IN NO EVENT SHALL THE AUTHORS OR COPYRIGHT HOLDERS BE LIABLE FOR ANY CLAIM, DAMAGES OR OTHER LIABILITY, WHETHER IN AN ACTION OF CONTRACT, TORT OR OTHERWISE, ARISING FROM, OUT OF OR IN CONNECTION WITH THE SOFTWARE OR THE USE OR OTHER DEALINGS IN THE SOFTWARE.',
};

/** What may be shipped. A copyleft licence in the bundle stops the build. */
const PERMISSIVE =
  /^\(?(MIT|ISC|Apache-2\.0|BSD-2-Clause|BSD-3-Clause|0BSD|BlueOak-1\.0\.0|Python-2\.0|CC0-1\.0|Unlicense)( (AND|OR) .*)?\)?$/;

/**
 * `import` of a built-in module loads it, and touches every export: together a third of a short command's time. Here each
 * export is a getter, and a module is loaded when the first one is asked for.
 */
const lazyBuiltins: Plugin = {
  name: "lazy-builtins",
  setup: (bundler) => {
    bundler.onResolve({ filter: /^[a-z]/ }, ({ path }) =>
      isBuiltin(path) ? { path: path.replace(/^node:/, ""), namespace: "builtin" } : undefined,
    );
    bundler.onLoad({ filter: /.*/, namespace: "builtin" }, async ({ path }) => {
      const load = `process.getBuiltinModule("node:${path}")`;
      // `events`, `assert`: the module is itself called or extended.
      if (typeof process.getBuiltinModule(`node:${path}`) === "function")
        return { contents: `module.exports = ${load};` };
      const names = JSON.stringify(Object.keys(await import(`node:${path}`)));
      return {
        contents: `for (const name of ${names})
  Object.defineProperty(exports, name, { enumerable: true, get: () => (name === "default" ? ${load} : ${load}[name]) });`,
      };
    });
  },
};

if (await isFresh()) process.exit(0);
const staging = `${target}.${process.pid}`;
await mkdir(staging, { recursive: true });
try {
  const { metafile } = await build({
    entryPoints: [join(root, "src", "main.ts")],
    outdir: join(staging, "dist"),
    entryNames: "[name]-[hash]",
    bundle: true,
    platform: "node",
    target: "node22",
    format: "esm",
    splitting: true,
    minify: true,
    lineLimit: 160,
    mainFields: ["module", "main"],
    legalComments: "none",
    plugins: [lazyBuiltins],
    metafile: true,
    absWorkingDir: root,
    logLevel: "error",
  });
  await asCommonJs(join(staging, "dist"));
  await cp(join(root, "bin"), join(staging, "bin"), { recursive: true });
  await cp(join(root, "docs", "checks"), join(staging, "docs", "checks"), { recursive: true });
  for (const file of ["README.md", "LICENSE"]) await cp(join(root, file), join(staging, file));
  await writeFile(join(staging, "NOTICES.txt"), await notices(metafile));
  await writeFile(join(staging, "package.json"), await publishedManifest());
  await rm(target, { recursive: true, force: true });
  await rename(staging, target);
} finally {
  await rm(staging, { recursive: true, force: true });
}
if (!quiet) {
  const packed = execFileSync("npm", ["pack", "--dry-run", "--json"], { cwd: target, encoding: "utf8" });
  const [{ size, unpackedSize }] = JSON.parse(packed) as [{ size: number; unpackedSize: number }];
  process.stdout.write(`build/package: ${kilobytes(size)} packed, ${kilobytes(unpackedSize)} unpacked\n`);
}

function kilobytes(bytes: number): string {
  return `${Math.round(bytes / 1000)} kB`;
}

/** Whether the package is newer than all that goes into it. */
async function isFresh(): Promise<boolean> {
  const built = await stat(join(target, "package.json")).catch(() => undefined);
  if (built === undefined) return false;
  const inputs = ["package-lock.json", "package.json", "README.md", "LICENSE", "scripts/build.ts"];
  for (const folder of ["src", "bin", "docs/checks"]) {
    for (const file of await readdir(join(root, folder), { recursive: true })) inputs.push(join(folder, file));
  }
  const times = await Promise.all(
    inputs.map(async (file) => (await stat(join(root, file)).catch(() => undefined))?.mtimeMs ?? Infinity),
  );
  return times.every((time) => time < built.mtimeMs);
}

/** esbuild splits modules alone; `bin/load-bundle.js` loads CommonJS, already wrapped in its function. */
async function asCommonJs(folder: string): Promise<void> {
  for (const name of await readdir(folder)) {
    const file = join(folder, name);
    const { code } = await transform(await readFile(file, "utf8"), {
      format: "cjs",
      platform: "node",
      target: "node22",
      minify: true,
      lineLimit: 160,
      supported: { "dynamic-import": false },
    });
    await writeFile(file, `(function(exports,require,module){${code}\n})`);
  }
}

async function notices({ inputs }: Metafile): Promise<string> {
  const folders = new Set<string>();
  for (const input of Object.keys(inputs)) {
    const match = /^(.*node_modules\/(?:@[^/]+\/)?[^/]+)\//.exec(input);
    if (match?.[1] !== undefined) folders.add(match[1]);
  }
  const sections: string[] = ["antfly-creds contains these packages.\n"];
  for (const folder of [...folders].sort()) sections.push(await notice(join(root, folder)));
  return sections.join(`\n${"-".repeat(100)}\n\n`);
}

async function notice(folder: string): Promise<string> {
  const manifest = JSON.parse(await readFile(join(folder, "package.json"), "utf8")) as {
    name: string;
    version: string;
    license?: unknown;
  };
  const license = typeof manifest.license === "string" ? manifest.license : "";
  if (!PERMISSIVE.test(license))
    throw new Error(`${manifest.name} has the licence "${license}", which may not be shipped`);
  const file = (await readdir(folder)).find((name) => /^(licen[cs]e|copying)/i.test(name));
  const text = file === undefined ? STANDARD_TEXTS[license] : await readFile(join(folder, file), "utf8");
  return `${manifest.name} ${manifest.version} (${license})\n\n${(text ?? `Licensed under ${license}.`).trim()}\n`;
}

async function publishedManifest(): Promise<string> {
  const source = JSON.parse(await readFile(join(root, "package.json"), "utf8")) as Record<string, unknown>;
  const { name, version, description, license, type, bin, engines } = source;
  const files = ["bin", "dist", "docs/checks", "NOTICES.txt"];
  return `${JSON.stringify({ name, version, description, license, type, bin, engines, files }, null, 2)}\n`;
}
