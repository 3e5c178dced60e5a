import { generateKeyPairSync, randomBytes, sign, type KeyObject } from "node:crypto";
import { isIP } from "node:net";

/** A key pair and its certificate, as PEM. */
export interface Identity {
  readonly key: string;
  readonly cert: string;
}

export interface Authority extends Identity {
  /** A certificate for these host names and addresses; `notAfter` in the past makes an expired one. */
  issue(hosts: readonly string[], options?: { notAfter?: Date }): Identity;
}

const DAY_MS = 86_400_000;
const ECDSA_SHA256 = sequence(oid("1.2.840.10045.4.3.2"));

/** Makes a certificate authority for tests: P-256, without any program but this one. */
export function createAuthority(name = "antfly-creds test authority"): Authority {
  const { publicKey, privateKey } = generateKeyPairSync("ec", { namedCurve: "P-256" });
  const extensions = [
    extension("2.5.29.19", true, sequence(tlv(0x01, Buffer.from([0xff])))),
    extension("2.5.29.15", true, tlv(0x03, Buffer.from([1, 0b00000110]))),
  ];
  const cert = certificate(name, name, publicKey, privateKey, extensions, new Date(Date.now() + DAY_MS));
  return {
    key: pem(privateKey),
    cert,
    issue: (hosts, options = {}) => {
      const pair = generateKeyPairSync("ec", { namedCurve: "P-256" });
      const names = hosts.map((host) => (isIP(host) === 0 ? tlv(0x82, Buffer.from(host)) : tlv(0x87, address(host))));
      const notAfter = options.notAfter ?? new Date(Date.now() + DAY_MS);
      const issued = [
        extension("2.5.29.17", false, sequence(...names)),
        extension("2.5.29.37", false, sequence(oid("1.3.6.1.5.5.7.3.1"))),
      ];
      return {
        key: pem(pair.privateKey),
        cert: certificate(hosts[0] ?? "test", name, pair.publicKey, privateKey, issued, notAfter),
      };
    },
  };
}

function certificate(
  subject: string,
  issuer: string,
  key: KeyObject,
  signer: KeyObject,
  extensions: readonly Buffer[],
  notAfter: Date,
): string {
  const notBefore = new Date(Math.min(Date.now(), notAfter.getTime()) - DAY_MS);
  const body = sequence(
    tlv(0xa0, tlv(0x02, Buffer.from([2]))),
    // Positive whatever the first random bit is.
    tlv(0x02, Buffer.concat([Buffer.from([1]), randomBytes(15)])),
    ECDSA_SHA256,
    distinguishedName(issuer),
    sequence(time(notBefore), time(notAfter)),
    distinguishedName(subject),
    key.export({ type: "spki", format: "der" }),
    tlv(0xa3, sequence(...extensions)),
  );
  const signature = sign("sha256", body, signer);
  const der = sequence(body, ECDSA_SHA256, tlv(0x03, Buffer.concat([Buffer.from([0]), signature])));
  const lines = der.toString("base64").match(/.{1,64}/g) ?? [];
  return `-----BEGIN CERTIFICATE-----\n${lines.join("\n")}\n-----END CERTIFICATE-----\n`;
}

function pem(key: KeyObject): string {
  return key.export({ type: "pkcs8", format: "pem" }).toString();
}

function distinguishedName(commonName: string): Buffer {
  return sequence(tlv(0x31, sequence(oid("2.5.4.3"), tlv(0x0c, Buffer.from(commonName)))));
}

function extension(id: string, critical: boolean, value: Buffer): Buffer {
  return sequence(oid(id), ...(critical ? [tlv(0x01, Buffer.from([0xff]))] : []), tlv(0x04, value));
}

/** GeneralizedTime, `20260102030405Z`. */
function time(date: Date): Buffer {
  return tlv(0x18, Buffer.from(`${date.toISOString().replace(/[-:T]/g, "").slice(0, 14)}Z`));
}

function address(host: string): Buffer {
  return Buffer.from(host.split(".").map(Number));
}

function oid(text: string): Buffer {
  const [first = 0, second = 0, ...rest] = text.split(".").map(Number);
  const bytes = [first * 40 + second];
  for (const part of rest) {
    const groups = [part & 0x7f];
    for (let left = part >> 7; left > 0; left >>= 7) groups.unshift((left & 0x7f) | 0x80);
    bytes.push(...groups);
  }
  return tlv(0x06, Buffer.from(bytes));
}

function sequence(...parts: readonly Buffer[]): Buffer {
  return tlv(0x30, Buffer.concat(parts));
}

/** Tag, length, value (DER). */
function tlv(tag: number, value: Buffer): Buffer {
  const length: number[] = [];
  if (value.length < 0x80) length.push(value.length);
  else {
    for (let left = value.length; left > 0; left >>= 8) length.unshift(left & 0xff);
    length.unshift(0x80 | length.length);
  }
  return Buffer.concat([Buffer.from([tag, ...length]), value]);
}
