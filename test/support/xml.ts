import { SaxesParser } from "saxes";

export interface XmlElement {
  readonly name: string;
  readonly attributes: Readonly<Record<string, string>>;
  readonly children: readonly XmlElement[];
  readonly text: string;
}

/**
 * The root element of a document.
 * @throws Error for what is not well-formed XML 1.0, down to a character that may not be in it
 */
export function parseXml(document: string): XmlElement {
  interface Open extends XmlElement {
    children: XmlElement[];
    text: string;
  }
  const root: Open = { name: "", attributes: {}, children: [], text: "" };
  const stack = [root];
  const parser = new SaxesParser();
  parser.on("error", (error) => {
    throw error;
  });
  parser.on("opentag", ({ name, attributes }) => {
    const open: Open = { name, attributes: { ...attributes }, children: [], text: "" };
    stack.at(-1)?.children.push(open);
    stack.push(open);
  });
  parser.on("text", (text) => {
    const open = stack.at(-1);
    if (open !== undefined) open.text += text;
  });
  parser.on("closetag", () => stack.pop());
  parser.write(document).close();
  const [only] = root.children;
  if (only === undefined) throw new Error("there is no element");
  return only;
}

/** The elements of that name anywhere below. */
export function elementsOf({ children }: XmlElement, name: string): XmlElement[] {
  return children.flatMap((child) => [...(child.name === name ? [child] : []), ...elementsOf(child, name)]);
}
