import { truthOf } from "./truth.ts";
import type { Truth } from "./trust-types.ts";

interface Address {
  readonly bits: 32 | 128;
  readonly value: bigint;
}

/** Whether an address lies in a range in CIDR form; an address by itself is a range of one. */
export function inRange(range: string, address: string): Truth {
  const [, host = "", length] = /^([^/]+)(?:\/(\d{1,3}))?$/.exec(range) ?? [];
  const network = parseAddress(host);
  const bits = length === undefined ? network?.bits : Number(length);
  if (network === undefined || bits === undefined || bits > network.bits) return "unknown";
  const given = parseAddress(address);
  if (given === undefined || given.bits !== network.bits) return "false";
  const shift = BigInt(network.bits - bits);
  return truthOf(given.value >> shift === network.value >> shift);
}

function parseAddress(text: string): Address | undefined {
  const v4 = parseV4(text);
  if (v4 !== undefined) return { bits: 32, value: v4 };
  const v6 = parseV6(text);
  return v6 === undefined ? undefined : { bits: 128, value: v6 };
}

function parseV4(text: string): bigint | undefined {
  if (!/^\d{1,3}(\.\d{1,3}){3}$/.test(text)) return undefined;
  const parts = text.split(".").map(Number);
  if (parts.some((part) => part > 255)) return undefined;
  return parts.reduce((sum, part) => sum * 256n + BigInt(part), 0n);
}

/** RFC 4291, section 2.2: `::` once, and the last 32 bits may be written as IPv4. */
function parseV6(text: string): bigint | undefined {
  const tail = /^(.*:)(\d+\.\d+\.\d+\.\d+)$/.exec(text);
  const v4 = tail === null ? undefined : parseV4(tail[2] ?? "");
  if (tail !== null && v4 === undefined) return undefined;
  const whole = v4 === undefined ? text : `${tail?.[1]}${(v4 >> 16n).toString(16)}:${(v4 & 0xffffn).toString(16)}`;
  const halves = whole.split("::");
  if (halves.length > 2) return undefined;
  const [head = [], rest] = halves.map((half) => (half === "" ? [] : half.split(":")));
  const missing = 8 - head.length - (rest?.length ?? 0);
  if (rest === undefined ? missing !== 0 : missing < 1) return undefined;
  const groups = [...head, ...Array.from({ length: rest === undefined ? 0 : missing }, () => "0"), ...(rest ?? [])];
  if (groups.some((group) => !/^[\da-f]{1,4}$/i.test(group))) return undefined;
  return groups.reduce((sum, group) => sum * 65536n + BigInt(`0x${group}`), 0n);
}
