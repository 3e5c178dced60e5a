import { execFile } from "node:child_process";
import * as fs from "node:fs";
import { dirname, join, resolve } from "node:path";
import { promisify } from "node:util";

import { UserError } from "../domain/errors.ts";
import { printable } from "../domain/text.ts";
import type { Files } from "../ports.ts";

// `node:fs/promises` takes a tenth of a short command's time to load; the callbacks are loaded anyway.
const access = promisify(fs.access);
const lstat = promisify(fs.lstat);
const mkdir = promisify(fs.mkdir);
const readdir = promisify(fs.readdir);
const readFile = promisify(fs.readFile);
const realpath = promisify(fs.realpath);
const rename = promisify(fs.rename);
const rm = promisify(fs.rm);
const stat = promisify(fs.stat);
const writeFile = promisify(fs.writeFile);

/** Larger files are neither manifests nor env files. */
const LARGEST_FILE = 64 * 1024 * 1024;

/** Files below the working directory `cwd`. Failures are worded for the person who named the file. */
export function createFiles(cwd: string): Files {
  return {
    read: async (path) => {
      const full = resolve(cwd, path);
      const info = await stat(full).catch((error: unknown) => fail(path, error));
      if (info.isDirectory()) throw new UserError("is-a-folder", `${printable(path)} is a folder, not a file`);
      if (info.size > LARGEST_FILE) throw new UserError("file-too-large", `${printable(path)} is larger than 64 MiB`);
      const read = info.isFile() ? readFile(full) : readStream(full, path);
      return read.catch((error: unknown) => fail(path, error));
    },

    list: async (path) => {
      const info = await stat(resolve(cwd, path)).catch((error: unknown) => fail(path, error));
      if (!info.isDirectory()) return [path];
      const entries = await readdir(resolve(cwd, path), { recursive: true, withFileTypes: true }).catch(
        (error: unknown) => fail(path, error),
      );
      const files = await Promise.all(
        entries.map(async (entry) => {
          const file = join(entry.parentPath, entry.name);
          // A link to a file is one, as in a mounted volume; a link to a folder may lead anywhere, and round and round.
          const linked = entry.isSymbolicLink() && (await stat(file).catch(() => undefined))?.isFile() === true;
          return entry.isFile() || linked ? join(path, file.slice(resolve(cwd, path).length + 1)) : [];
        }),
      );
      return files.flat().sort();
    },

    readIfThere: async (path, { evenBelowAFile = false } = {}) => {
      try {
        return await readFile(resolve(cwd, path));
      } catch (error) {
        const { code } = error as NodeJS.ErrnoException;
        if (code === "ENOENT" || (code === "ENOTDIR" && evenBelowAFile)) return undefined;
        return fail(path, error);
      }
    },

    assertWritable: async (path) => {
      const full = resolve(cwd, path);
      const info = await stat(full).catch(() => undefined);
      if (info?.isDirectory() === true) fail(path, { code: "EISDIR" });
      await access(info === undefined ? dirname(full) : full, fs.constants.W_OK).catch((error: unknown) =>
        fail(path, error),
      );
      if (info === undefined && !(await stat(dirname(full))).isDirectory()) fail(path, { code: "ENOTDIR" });
    },

    write: async (path, content) => {
      const named = resolve(cwd, path);
      const info = await stat(named).catch(() => undefined);
      // A device or a pipe, such as /dev/null, is written into: a file in its place would be there for all.
      if (info !== undefined && !info.isFile() && !info.isDirectory()) {
        await writeFile(named, content).catch((error: unknown) => fail(path, error));
        return;
      }
      // A link stays one, as /dev/stdout is.
      const full = await realpath(named).catch(() => named);
      const temporary = `${full}.${crypto.randomUUID()}.tmp`;
      try {
        await makeFolder(dirname(full));
        await writeFile(temporary, content, { flag: "wx", mode: 0o600 });
        await rename(temporary, full);
      } catch (error) {
        await rm(temporary, { force: true }).catch(() => {});
        fail(path, error);
      }
    },

    remove: async (path) => {
      await rm(resolve(cwd, path), { force: true }).catch((error: unknown) => fail(path, error));
    },

    tracked: async (paths) => {
      const roots = new Map<string, Promise<ReadonlySet<string> | undefined>>();
      const rootOfFolder = new Map<string, string | undefined>();
      const kept = new Set<string>();
      for (const path of paths) {
        const real = await realpath(resolve(cwd, path)).catch(() => undefined);
        if (real === undefined) continue;
        const folder = dirname(real);
        if (!rootOfFolder.has(folder)) rootOfFolder.set(folder, await gitRootOf(folder));
        const root = rootOfFolder.get(folder);
        if (root === undefined) continue;
        const listed = roots.get(root) ?? filesOfGit(root);
        roots.set(root, listed);
        const all = await listed;
        if (all === undefined) return undefined;
        if (all.has(real)) kept.add(path);
      }
      return kept;
    },

    gitRoot: async (path) => gitRootOf(await realFolder(resolve(cwd, path))),
  };
}

/** A pipe or a device, as in `validate <(helm template …)`, whose size nobody knows. */
async function readStream(full: string, path: string): Promise<Buffer> {
  const chunks: Buffer[] = [];
  let size = 0;
  for await (const chunk of fs.createReadStream(full)) {
    chunks.push(chunk as Buffer);
    size += (chunk as Buffer).length;
    if (size > LARGEST_FILE) throw new UserError("file-too-large", `${printable(path)} is larger than 64 MiB`);
  }
  return Buffer.concat(chunks);
}

async function gitRootOf(path: string): Promise<string | undefined> {
  for (let folder = path; ; folder = dirname(folder)) {
    if (await exists(join(folder, ".git"))) return folder;
    if (dirname(folder) === folder) return undefined;
  }
}

/** All files that Git keeps below a root; undefined without Git. */
async function filesOfGit(root: string): Promise<ReadonlySet<string> | undefined> {
  // A work tree may be anybody's: nothing that its configuration names is run.
  const args = ["-C", root, "-c", "core.fsmonitor=false", "-c", "core.hooksPath=/dev/null", "ls-files", "-z"];
  const options = { encoding: "utf8", maxBuffer: 64 * 1024 * 1024, timeout: 10_000 } as const;
  const listed = await new Promise<string | undefined>((done) => {
    execFile("git", args, options, (error, stdout) => done(error === null ? stdout : undefined));
  });
  return listed === undefined ? undefined : new Set(listed.split("\0").map((path) => join(root, path)));
}

/** As `mkdir -p`; Node's own recursion never ends where the kernel refuses with ENOENT, as under /proc. */
async function makeFolder(path: string): Promise<void> {
  const info = await stat(path).catch(() => undefined);
  if (info?.isDirectory() === true) return;
  if (dirname(path) !== path) await makeFolder(dirname(path));
  await mkdir(path).catch((error: unknown) => {
    if ((error as NodeJS.ErrnoException).code !== "EEXIST") throw error;
  });
}

/** Where a folder that may not exist yet will really lie: links above it are followed. */
async function realFolder(path: string): Promise<string> {
  try {
    return await realpath(path);
  } catch {
    return dirname(path) === path ? path : realFolder(dirname(path));
  }
}

async function exists(path: string): Promise<boolean> {
  return lstat(path).then(
    () => true,
    () => false,
  );
}

const REASONS: Readonly<Record<string, string>> = {
  ENOENT: "does not exist",
  EACCES: "cannot be opened: permission denied",
  EPERM: "cannot be opened: operation not permitted",
  ELOOP: "is a loop of links",
  ENOTDIR: "lies below something that is not a folder",
  EEXIST: "lies below something that is not a folder",
  EISDIR: "is a folder, not a file",
  ENOSPC: "cannot be written: the disk is full",
  EROFS: "cannot be written: the file system is read-only",
};

function fail(path: string, error: unknown): never {
  if (error instanceof UserError) throw error;
  const code = (error as NodeJS.ErrnoException).code ?? "";
  throw new UserError("file", `${printable(path)} ${REASONS[code] ?? `cannot be used (${code || "unknown error"})`}`);
}
