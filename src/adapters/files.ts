import { constants } from "node:fs";
import { lstat, mkdir, open, readdir, readFile, rename, rm, stat } from "node:fs/promises";
import { dirname, join, resolve } from "node:path";

import { UserError } from "../domain/errors.ts";
import type { Files } from "../ports.ts";

/** Larger files are neither manifests nor env files. */
const LARGEST_FILE = 64 * 1024 * 1024;

/** Files below the working directory `cwd`. Failures are worded for the person who named the file. */
export function createFiles(cwd: string): Files {
  return {
    read: async (path) => {
      const full = resolve(cwd, path);
      const info = await stat(full).catch((error: unknown) => fail(path, error));
      if (info.isDirectory()) throw new UserError("is-a-folder", `${path} is a folder, not a file`);
      if (info.size > LARGEST_FILE) throw new UserError("file-too-large", `${path} is larger than 64 MiB`);
      return readFile(full).catch((error: unknown) => fail(path, error));
    },

    list: async (path) => {
      const info = await stat(resolve(cwd, path)).catch((error: unknown) => fail(path, error));
      if (!info.isDirectory()) return [path];
      const entries = await readdir(resolve(cwd, path), { recursive: true, withFileTypes: true }).catch(
        (error: unknown) => fail(path, error),
      );
      return entries
        .filter((entry) => entry.isFile())
        .map((entry) => join(path, join(entry.parentPath, entry.name).slice(resolve(cwd, path).length + 1)))
        .sort();
    },

    write: async (path, content) => {
      const full = resolve(cwd, path);
      const before = await readFile(full).catch(() => undefined);
      const temporary = `${full}.${crypto.randomUUID()}.tmp`;
      try {
        await mkdir(dirname(full), { recursive: true });
        const file = await open(temporary, constants.O_WRONLY | constants.O_CREAT | constants.O_EXCL, 0o600);
        try {
          await file.writeFile(content);
        } finally {
          await file.close();
        }
        await rename(temporary, full);
      } catch (error) {
        await rm(temporary, { force: true });
        fail(path, error);
      }
      return before;
    },

    remove: async (path) => {
      await rm(resolve(cwd, path), { force: true }).catch((error: unknown) => fail(path, error));
    },

    gitRoot: async (path) => {
      for (let folder = resolve(cwd, path); ; folder = dirname(folder)) {
        if (await exists(join(folder, ".git"))) return folder;
        if (dirname(folder) === folder) return undefined;
      }
    },
  };
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
  EISDIR: "is a folder, not a file",
  ENOSPC: "cannot be written: the disk is full",
  EROFS: "cannot be written: the file system is read-only",
};

function fail(path: string, error: unknown): never {
  const code = (error as NodeJS.ErrnoException).code ?? "";
  throw new UserError("file", `${path} ${REASONS[code] ?? `cannot be used (${code || "unknown error"})`}`);
}
