// Signing keys that follow from the one secret a person keeps, and whether a signature holds.

import { ed25519 } from "@noble/curves/ed25519.js";
import { hkdf } from "@noble/hashes/hkdf.js";
import { sha256 } from "@noble/hashes/sha2.js";
import { decode, digits, encode, FIELD, littleEndian, secretOf } from "./agekeys";
import { digest, utf8 } from "./bytes";
import { Malformed } from "./errors";

const VERIFIER = "scrimsig";
const SEED = "scrim-signing-key-";
const SIGN_BIT = 2n ** 255n;

/** A person's signing key. The seed stands in the closure of `sign` and nowhere else. */
export type Signer = { readonly verifier: string; sign: (message: Uint8Array) => Uint8Array };

function signer(seed: Uint8Array): Signer {
  return {
    verifier: encode(VERIFIER, ed25519.getPublicKey(seed)),
    sign: (message) => ed25519.sign(message, seed),
  };
}

/** The key that follows from `AGE-SECRET-KEY-1…`. */
export function signerOfIdentity(identity: string): Signer {
  return signer(hkdf(sha256, secretOf(identity), undefined, utf8("scrim/signing/v1"), 32));
}

/** The key of `SCRIM-SIGNING-KEY-1…`, which stands beside a hardware token's identity. */
export function signerOfSeed(text: string): Signer {
  if (text !== text.toUpperCase()) throw new Malformed("a signing key is written in capitals");
  return signer(decode(SEED, text));
}

/** Refuses what is not a verifier in its one spelling. */
export function checkVerifier(text: string): void {
  publicKey(text);
}

/**
 * Whether `signature` over `message` is that of `verifier`.
 *
 * Stricter than RFC 8032 in one thing: neither key nor signature may have a part of small order.
 * Implementations judge those differently, and a signature must not hold here and fail elsewhere.
 */
export function holds(verifier: string, message: Uint8Array, signature: Uint8Array): boolean {
  try {
    const raw = publicKey(verifier);
    if (signature.length !== 64) return false;
    const commitment = ed25519.Point.fromBytes(signature.subarray(0, 32));
    return (
      commitment.isTorsionFree() &&
      ed25519.Point.fromBytes(raw).isTorsionFree() &&
      ed25519.verify(signature, message, raw, { zip215: false })
    );
  } catch {
    return false; // not a verifier, or bytes that are no point
  }
}

/** Six groups of five digits over both halves of a card, to be read aloud. */
export function cardFingerprint(recipient: string, verifier: string): string {
  return digits(digest("scrim/card/v1\n", `${recipient}/${verifier}`));
}

function publicKey(text: string): Uint8Array {
  if (text.toUpperCase().startsWith(SEED.toUpperCase())) {
    throw new Malformed("this is a secret signing key; give the public verifier (scrimsig1…) only");
  }
  if (text !== text.toLowerCase()) {
    throw new Malformed("a verifier is written in lower-case letters and digits");
  }
  const raw = decode(VERIFIER, text);
  if (littleEndian(raw) % SIGN_BIT >= FIELD) {
    throw new Malformed("not in the usual spelling of that key");
  }
  let small: boolean;
  try {
    small = ed25519.Point.fromBytes(raw).isSmallOrder();
  } catch {
    throw new Malformed("not a point of the curve");
  }
  if (small) throw new Malformed("any signature would hold under that key");
  return raw;
}
