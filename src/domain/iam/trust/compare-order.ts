/** A number as JSON and IAM write it. */
export function parseNumber(text: string): number | undefined {
  return /^[+-]?\d+(\.\d+)?([eE][+-]?\d+)?$/.test(text) ? Number(text) : undefined;
}

const DATE = /^\d{4}(-\d\d(-\d\d(T\d\d:\d\d(:\d\d(\.\d+)?)?(Z|[+-]\d\d:?\d\d))?)?)?$/;

/**
 * A moment in milliseconds: one of W3C's forms of ISO 8601, or seconds since 1970 (IAM User Guide, "Date condition
 * operators"). Four digits are a year.
 */
export function parseDate(text: string): number | undefined {
  if (DATE.test(text)) {
    const moment = Date.parse(text.replace(/([+-]\d\d)(\d\d)$/, "$1:$2"));
    return Number.isNaN(moment) ? undefined : moment;
  }
  return /^\d+(\.\d+)?$/.test(text) ? Number(text) * 1000 : undefined;
}
