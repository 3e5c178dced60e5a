import type { ReportFormat } from "../../src/commands/print-report.ts";
import type { AnyObject } from "./follow.ts";
import { elementsOf, parseXml } from "./xml.ts";

/** The documents of a stream. */
export function linesOf(text: string): AnyObject[] {
  return text
    .trimEnd()
    .split("\n")
    .map((line) => JSON.parse(line));
}

const atTheEnd = (text: string): number => Number(/exit (\d+)\n$/.exec(text)?.[1]);

/** The exit code that stands in a report. */
export const EXIT_CODE_IN: Readonly<Record<ReportFormat, (text: string) => unknown>> = {
  human: atTheEnd,
  json: (text) => JSON.parse(text).exitCode,
  ndjson: (text) => linesOf(text).at(-1)?.exitCode,
  sarif: (text) => JSON.parse(text).runs[0].invocations[0].exitCode,
  junit: (text) => {
    const property = elementsOf(parseXml(text), "property").find(({ attributes }) => attributes["name"] === "exitCode");
    return Number(property?.attributes["value"]);
  },
  github: atTheEnd,
  markdown: atTheEnd,
};
