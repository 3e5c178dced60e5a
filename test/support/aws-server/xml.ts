type Content = string | number | boolean | undefined | readonly Content[] | { readonly [name: string]: Content };

/** One element of the answers of STS and IAM: what is in a list stands in `<member>`. */
export function element(name: string, content: Content): string {
  return written(name, content, true);
}

/** One element of the answers of S3: a list is its element again and again. */
export function repeated(name: string, content: Content): string {
  return written(name, content, false);
}

function written(name: string, content: Content, members: boolean): string {
  if (content === undefined) return "";
  const tag = name.split(" ")[0];
  if (isList(content)) {
    if (!members) return content.map((item) => written(name, item, members)).join("");
    return `<${name}>${content.map((item) => written("member", item, members)).join("")}</${tag}>`;
  }
  if (typeof content === "object") {
    const inner = Object.entries(content).map(([key, value]) => written(key, value, members));
    return `<${name}>${inner.join("")}</${tag}>`;
  }
  return `<${name}>${escaped(String(content))}</${tag}>`;
}

function isList(content: Content): content is readonly Content[] {
  return Array.isArray(content);
}

function escaped(text: string): string {
  return text.replaceAll("&", "&amp;").replaceAll("<", "&lt;").replaceAll(">", "&gt;").replaceAll('"', "&quot;");
}
