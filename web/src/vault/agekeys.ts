// age's X25519 keys as text, and the digits that are read aloud.

import { x25519 } from "@noble/curves/ed25519.js";
import { p256 } from "@noble/curves/nist.js";
import { bech32 } from "@scure/base";
import { digest } from "./bytes";
import { Malformed } from "./errors";

const KEY_BYTES = 32;
const RECIPIENT = "age";
const IDENTITY = "age-secret-key-";
const TAGGED = "age1tag";
const POINT_BYTES = 33;
export const FIELD = 2n ** 255n - 19n;
// any secret shows a point of small order: clamping makes it a multiple of 8
const ANY_SECRET = Uint8Array.from({ length: KEY_BYTES }, (_, at) => at);

export function encode(prefix: string, raw: Uint8Array): string {
  return bech32.encode(prefix, bech32.toWords(raw), false);
}

/** The `size` bytes behind `prefix`, whichever case the text is in. */
export function decode(prefix: string, text: string, size = KEY_BYTES): Uint8Array {
  const found = bech32.decodeUnsafe(text);
  if (found === undefined || found.prefix !== prefix) {
    throw new Malformed("not Bech32, or a character is wrong");
  }
  const raw = bech32.fromWordsUnsafe(found.words);
  if (raw?.length !== size) throw new Malformed(`not ${size} bytes`);
  return Uint8Array.from(raw);
}

export function littleEndian(bytes: Uint8Array): bigint {
  return bytes.reduceRight((sum, byte) => (sum << 8n) | BigInt(byte), 0n);
}

/** `age1…` of 32 secret bytes. */
export function recipientOf(secret: Uint8Array): string {
  return encode(RECIPIENT, x25519.getPublicKey(secret));
}

/** Refuses what is not an age X25519 recipient in its usual spelling. */
export function checkRecipient(text: string): void {
  if (text.toLowerCase().startsWith(`${IDENTITY}1`)) {
    throw new Malformed("this is a secret identity; give the public recipient (age1…) only");
  }
  if (text.startsWith("age1") && text.slice(4).includes("1")) {
    throw new Malformed("of age's recipients only X25519 ones (age1…) are taken here");
  }
  if (text !== text.toLowerCase()) {
    throw new Malformed("an age recipient is written in lower-case letters and digits");
  }
  const point = decode(RECIPIENT, text);
  if (littleEndian(point) >= FIELD) throw new Malformed("not in the usual spelling of that key");
  try {
    x25519.getSharedSecret(ANY_SECRET, point);
  } catch {
    throw new Malformed("nothing sealed to that key would be secret");
  }
}

/** Refuses what no part can be sealed to: neither a recipient nor that of a hardware token. */
export function checkPartRecipient(text: string): void {
  if (!text.startsWith(`${TAGGED}1`)) {
    checkRecipient(text);
    return;
  }
  if (text !== text.toLowerCase()) {
    throw new Malformed("an age recipient is written in lower-case letters and digits");
  }
  const point = decode(TAGGED, text, POINT_BYTES);
  try {
    p256.Point.fromBytes(point).assertValidity();
  } catch {
    throw new Malformed("not a point of the curve P-256");
  }
}

/** `AGE-SECRET-KEY-1…` of 32 secret bytes. */
export function identityText(secret: Uint8Array): string {
  return encode(IDENTITY, secret).toUpperCase();
}

/** The 32 secret bytes of `AGE-SECRET-KEY-1…`; what it throws holds none of them. */
export function secretOf(identity: string): Uint8Array {
  if (identity !== identity.toUpperCase()) {
    throw new Malformed("an age identity is written in capitals");
  }
  return decode(IDENTITY, identity);
}

/** Six groups of five digits, to be read aloud. */
export function fingerprint(recipient: string): string {
  return digits(digest("scrim/custodian/v1\n", recipient));
}

/** The first thirty bytes of a hash, five at a time (big-endian) modulo 100,000. */
export function digits(hash: Uint8Array): string {
  const groups: string[] = [];
  for (let at = 0; at < 30; at += 5) {
    const five = hash.subarray(at, at + 5).reduce((sum, byte) => sum * 256 + byte, 0);
    groups.push(String(five % 100_000).padStart(5, "0"));
  }
  return groups.join(" ");
}
