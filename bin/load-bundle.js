// Loads the bundle's chunks with V8's code cache of all that a run compiled. Node's own compile cache holds what is
// compiled before the first line runs, which for a bundle is little more than its outline, and saves half as much.
"use strict";
const { mkdirSync, readFileSync, readdirSync, renameSync, writeFileSync } = require("node:fs");
const path = require("node:path");
const { Script } = require("node:vm");

/**
 * What the chunk `main-<hash>.js` of the folder exports. A chunk is CommonJS and named by its content, so V8's own
 * checks (version, flags, length) tell whether a cache is of it. `cache` is a folder, or undefined where none can be had.
 */
module.exports = function loadBundle(folder, cache) {
  const loaded = new Map();
  const uncached = [];

  const load = (name) => {
    const before = loaded.get(name);
    if (before !== undefined) return before.exports;
    const module = { exports: {} };
    loaded.set(name, module);
    const source = readFileSync(path.join(folder, name), "utf8");
    const cachedData = cache === undefined ? undefined : readCode(path.join(cache, name));
    const script = new Script(source, {
      filename: path.join(folder, name),
      cachedData,
    });
    if (cachedData === undefined || script.cachedDataRejected) uncached.push({ name, script });
    script.runInThisContext()(module.exports, (id) => (id.startsWith("./") ? load(id.slice(2)) : require(id)), module);
    return module.exports;
  };

  if (cache !== undefined) process.on("exit", () => save(cache, uncached));
  return load(readdirSync(folder).find((name) => name.startsWith("main-")));
};

/**
 * V8 runs whatever a damaged cache says, and crashes. So it is kept twice in one file, and both have to be the same:
 * comparing them takes no time, and a checksum would have to load a module first.
 */
function readCode(file) {
  try {
    const twice = readFileSync(file);
    const code = twice.subarray(0, twice.length / 2);
    return code.length > 0 && code.equals(twice.subarray(code.length)) ? code : undefined;
  } catch {
    return undefined;
  }
}

/** Each file appears whole or not at all. Without a cache the next run is slower, and no less right. */
function save(folder, scripts) {
  if (scripts.length === 0) return;
  try {
    mkdirSync(folder, { recursive: true, mode: 0o700 });
    for (const { name, script } of scripts) {
      const staging = path.join(folder, `${name}.${process.pid}`);
      const code = script.createCachedData();
      writeFileSync(staging, Buffer.concat([code, code]), { mode: 0o600 });
      renameSync(staging, path.join(folder, name));
    }
  } catch {
    // A full disk, a folder that is not ours.
  }
}
