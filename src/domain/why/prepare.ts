const HALF = 32_768;

/** No more of a text is looked at: its first and its last 32,768 characters, where logs say what went wrong. */
export const LONGEST = 2 * HALF + 1;

// oxlint-disable-next-line no-control-regex -- the escape character is what begins a colour
const COLOUR = /\u001b\[[0-9;?]{0,32}[A-Za-z]/g;

/** The user and password of a URL: nothing that a symptom needs, and a secret. */
const USER_INFO = /(:\/\/)[^\s/"'<>]{1,512}@/g;

const ENTITIES: Readonly<Record<string, string>> = { quot: '"', apos: "'", lt: "<", gt: ">" };

/**
 * A pasted text as its author's program wrote it: without colours, without the escapes of a JSON, Go or Python string and
 * of XML around it, and without passwords in URLs. Line breaks within a value are kept, written out or not, because they are what is looked for.
 */
export function prepare(text: string): string {
  const capped = text.length <= LONGEST ? text : `${text.slice(0, HALF)}\n${text.slice(-HALF)}`;
  return unescapeEntities(unescapeString(capped.replace(COLOUR, "")))
    .replace(COLOUR, "")
    .replace(USER_INFO, "$1");
}

/** The same text on one line: terminals and log collectors break lines where they like. */
export function onOneLine(prepared: string): string {
  return prepared.replace(/[\s\u00a0]+/g, " ").trim();
}

/** Any number of backslashes counts as one: a log line within a log line escapes twice. */
function unescapeString(text: string): string {
  return text
    .replace(/\\{1,8}u([0-9a-f]{4})/gi, (_, hex: string) => String.fromCharCode(Number.parseInt(hex, 16)))
    .replace(/(\\{1,8}xef)(\\{1,8}xbb)(\\{1,8}xbf)/gi, "\ufeff")
    .replace(/\\{1,8}(["'])/g, "$1")
    .replace(/\\{1,8}r(?![a-z])/g, "\r")
    .replace(/\\{1,8}n/g, "\n")
    .replace(/\\{1,8}t(?![a-z])/g, "\t");
}

function unescapeEntities(text: string): string {
  return text
    .replace(/&(?:amp;){1,8}/g, "&")
    .replace(/&(quot|apos|lt|gt);/g, (whole, name: string) => ENTITIES[name] ?? whole)
    .replace(/&#(?:x([0-9a-f]{1,4})|([0-9]{1,5}));/gi, (_, hex?: string, decimal?: string) =>
      String.fromCharCode(hex === undefined ? Number(decimal) : Number.parseInt(hex, 16)),
    );
}
