/** A string of HCL: quotes, backslashes and both kinds of template are taken as they stand. */
export function quoted(text: string): string {
  return JSON.stringify(text).replace(/[$%](?=\{)/g, (sign) => sign + sign);
}
