// Bytes as text and back, in the one spelling that the formats allow, and their SHA-256.

import { sha256 } from "@noble/hashes/sha2.js";
import { toHex } from "../ledger/merkle";
import { Malformed } from "./errors";

export type Bytes = Uint8Array<ArrayBuffer>;

const UTF8 = new TextEncoder();
const STRICT = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true });

export function utf8(text: string): Bytes {
  return UTF8.encode(text);
}

export function fromUtf8(bytes: Uint8Array): string {
  try {
    return STRICT.decode(bytes);
  } catch {
    throw new Malformed("not UTF-8");
  }
}

export function concat(...parts: Uint8Array[]): Bytes {
  const all = new Uint8Array(parts.reduce((length, part) => length + part.length, 0));
  let at = 0;
  for (const part of parts) {
    all.set(part, at);
    at += part.length;
  }
  return all;
}

export function same(one: Uint8Array, other: Uint8Array): boolean {
  return one.length === other.length && one.every((byte, at) => byte === other[at]);
}

export function toBase64(bytes: Uint8Array): string {
  let text = "";
  for (let at = 0; at < bytes.length; at += 8192) {
    text += String.fromCharCode(...bytes.subarray(at, at + 8192));
  }
  return btoa(text);
}

/** Base64 of RFC 4648, section 4, with padding, in its only canonical spelling. */
export function fromBase64(text: string): Bytes {
  let binary: string;
  try {
    binary = atob(text);
  } catch {
    throw new Malformed("not base64");
  }
  // atob passes over white space, missing padding and bits that are left over
  if (btoa(binary) !== text) throw new Malformed("not in base64's usual spelling");
  return Uint8Array.from(binary, (character) => character.charCodeAt(0));
}

/** SHA-256 in lower-case hexadecimal of text (as UTF-8) and bytes, one after the other. */
export function sha256Hex(...parts: (string | Uint8Array)[]): string {
  return toHex(digest(...parts));
}

export function digest(...parts: (string | Uint8Array)[]): Uint8Array {
  const hash = sha256.create();
  for (const part of parts) hash.update(typeof part === "string" ? utf8(part) : part);
  return hash.digest();
}
