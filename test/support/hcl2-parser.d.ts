declare module "hcl2-parser" {
  /** The blocks of an HCL 2 file, or null and what is wrong with it. */
  // oxlint-disable-next-line typescript/no-explicit-any -- whatever the file holds
  export function parseToObject(text: string): [any, null] | [null, object];
}
