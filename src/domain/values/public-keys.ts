/** Names whose values are no secrets; hiding those everywhere would black out ordinary words. */
const PUBLIC = /^(AWS_(DEFAULT_)?REGION|AWS_ENDPOINT_URL(_S3)?)$/;

export function isPublicKey(name: string): boolean {
  return PUBLIC.test(name);
}
