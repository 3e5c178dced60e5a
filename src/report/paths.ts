const DRIVE = /^[A-Za-z]:$/;

/** The path with forward slashes, without `.` and without `..` where that can be resolved: `./a/../b.yaml` is `b.yaml`. */
export function slashed(path: string): string {
  const parts: string[] = [];
  for (const part of path.replaceAll("\\", "/").split("/")) {
    const last = parts.at(-1);
    if (part === "." || (part === "" && parts.length > 0)) continue;
    if (part === ".." && last !== undefined && last !== ".." && last !== "") parts.pop();
    else parts.push(part);
  }
  return parts.join("/") || (parts.length > 0 ? "/" : ".");
}

/**
 * Where a file is, as SARIF wants it: relative to the root of the sources and percent-encoded, and by itself where it is
 * absolute (§3.4.3 and §3.4.4 of SARIF 2.1.0).
 */
export function artifactLocation(path: string): { readonly uri: string; readonly uriBaseId?: string } {
  const parts = slashed(path).toWellFormed().split("/");
  const [first = ""] = parts;
  const encoded = parts.map(encodeURIComponent).join("/");
  if (first === "") return { uri: `file://${encoded}` };
  if (DRIVE.test(first)) return { uri: `file:///${first}${encoded.slice(encodeURIComponent(first).length)}` };
  return { uri: encoded, uriBaseId: "%SRCROOT%" };
}
