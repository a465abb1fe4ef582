// age, by the package of age's author: sealing to one recipient, and opening.

import { armor, Decrypter, Encrypter } from "age-encryption";
import { type Bytes, utf8 } from "./bytes";

export async function seal(recipient: string, data: Uint8Array): Promise<Uint8Array> {
  const encrypter = new Encrypter();
  encrypter.addRecipient(recipient);
  return encrypter.encrypt(data);
}

/** The clear bytes; null when it is damaged, cut off, or sealed to another key. */
export async function open(identity: string, sealed: Uint8Array): Promise<Uint8Array | null> {
  const decrypter = new Decrypter();
  decrypter.addIdentity(identity);
  return decrypter.decrypt(sealed).catch(() => null);
}

const ARMOR = "-----BEGIN AGE ENCRYPTED FILE-----";
const BINARY = "age-encryption.org/v1";

/** Whether a file needs a passphrase. */
export function isSealed(file: Uint8Array): boolean {
  const head = new TextDecoder().decode(file.subarray(0, 128)).trimStart();
  return head.startsWith(ARMOR) || head.startsWith(BINARY);
}

/** A file sealed with a passphrase (scrypt), armoured as the command line writes it. */
export async function sealWithPassphrase(data: Uint8Array, passphrase: string): Promise<Bytes> {
  const encrypter = new Encrypter();
  encrypter.setPassphrase(passphrase);
  return utf8(armor.encode(await encrypter.encrypt(data)));
}

/** The clear bytes of a file sealed with a passphrase (scrypt); null when it does not open. */
export async function openWithPassphrase(
  file: Uint8Array,
  passphrase: string,
): Promise<Bytes | null> {
  const decrypter = new Decrypter();
  decrypter.addPassphrase(passphrase);
  try {
    const text = new TextDecoder().decode(file);
    const binary = text.trimStart().startsWith(ARMOR) ? armor.decode(text.trim()) : file;
    return new Uint8Array(await decrypter.decrypt(binary));
  } catch {
    return null;
  }
}
