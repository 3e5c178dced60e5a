export const XML_DECLARATION = '<?xml version="1.0" encoding="UTF-8"?>\n';

// oxlint-disable-next-line no-control-regex -- what XML 1.0 has no way to write, escaped or not (production Char)
const FORBIDDEN = /[\u0000-\u0008\u000b\u000c\u000e-\u001f\ufffe\uffff]/g;

const REFERENCES: Readonly<Record<string, string>> = {
  "&": "&amp;",
  "<": "&lt;",
  ">": "&gt;",
  '"': "&quot;",
  "\t": "&#9;",
  "\n": "&#10;",
  "\r": "&#13;",
};

/** The characters of a text that XML 1.0 allows; half a surrogate pair becomes U+FFFD. */
function xmlCharacters(text: string): string {
  return text.toWellFormed().replace(FORBIDDEN, "");
}

/** Character data (https://www.w3.org/TR/xml/#syntax): `>` too, since `]]>` may not stand there. */
export function xmlText(text: string): string {
  return xmlCharacters(text).replaceAll(/[&<>\r]/g, (character) => REFERENCES[character] ?? character);
}

/** The value of an attribute; a parser turns white space that stands there by itself into blanks. */
function xmlAttribute(text: string): string {
  return xmlCharacters(text).replaceAll(/[&<>"\t\n\r]/g, (character) => REFERENCES[character] ?? character);
}

/** An element; `content` is XML already. */
export function element(name: string, attributes: Readonly<Record<string, string>>, content = ""): string {
  const words = Object.entries(attributes).map(([key, value]) => ` ${key}="${xmlAttribute(value)}"`);
  const start = `<${name}${words.join("")}`;
  return content === "" ? `${start}/>` : `${start}>${content}</${name}>`;
}
