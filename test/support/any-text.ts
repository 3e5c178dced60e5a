import fc from "fast-check";

const PIECES = [
  ..."|\\`*_~[](){}<>&\"'#@!$:,;%=\n\r\t\u0000\u001b\u0085\u2028\u202e\ufffe\udc00\ud800".split(""),
  ...[
    "::",
    "::error::",
    "##[error]",
    "%0A",
    "%25",
    "](",
    "![",
    "://",
    "https://a.example",
    "www.a.example",
    "]]>",
    "<!--",
  ],
  ...[
    "@octocat",
    "a@b.example",
    "#1",
    "GH-1",
    "```",
    "~~~",
    "&amp;",
    "&#64;",
    "{0}",
    "$x$",
    "<b>",
    "</details>",
    " ",
    "a",
    "1",
  ],
];

/** Texts of what the formats have a meaning for, of any characters, and of any 16 bits: half surrogate pairs too. */
export const anyText = fc.oneof(
  fc.array(fc.constantFrom(...PIECES), { maxLength: 20 }).map((pieces) => pieces.join("")),
  fc.string({ unit: "binary", maxLength: 20 }),
  fc.array(fc.nat(0xff_ff), { maxLength: 10 }).map((units) => String.fromCharCode(...units)),
);
