import { micromark } from "micromark";
import { gfm, gfmHtml } from "micromark-extension-gfm";

const ENTITIES: Readonly<Record<string, string>> = { "&amp;": "&", "&lt;": "<", "&gt;": ">", "&quot;": '"' };

/** GitHub Flavored Markdown as HTML, with the HTML that stands in it (GitHub keeps `<br>`, `<details>` and `<span>`). */
export function html(markdown: string): string {
  return micromark(markdown, { extensions: [gfm()], htmlExtensions: [gfmHtml()], allowDangerousHtml: true });
}

/** Each element of that name: what stands in it. */
export function contents(document: string, element: string): string[] {
  return [...document.matchAll(new RegExp(`<${element}(?: [^>]*)?>(.*?)</${element}>`, "gs"))].map(
    ([, text]) => text ?? "",
  );
}

/** The text that a reader sees, without what takes no room. */
export function seen(document: string): string {
  return document
    .replaceAll(/<[^>]*>/g, "")
    .replaceAll(/&(?:amp|lt|gt|quot);/g, (entity) => ENTITIES[entity] ?? entity)
    .replaceAll("\u200b", "");
}
