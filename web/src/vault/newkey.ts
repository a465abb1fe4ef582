// A case's one-time key, made on the officer's machine, and the file that it is kept in: the one
// that `scrim case open` and stock `age` read.

import { generateX25519Identity } from "age-encryption";
import { sealWithPassphrase } from "./age";
import { recipientOf, secretOf } from "./agekeys";
import { type Bytes, utf8 } from "./bytes";
import type { Key } from "./keyfile";
import { signerOfIdentity } from "./signing";

export const SHORTEST_PASSPHRASE = 12;

export async function newKey(): Promise<Key> {
  const identity = await generateX25519Identity();
  return {
    recipient: recipientOf(secretOf(identity)),
    signer: signerOfIdentity(identity),
    identity: () => identity,
  };
}

/** Its file, sealed with a passphrase where there is one. That takes some seconds. */
export async function keyFileOf(
  key: Key,
  passphrase: string | null,
  nowUs: number,
): Promise<Bytes> {
  const created = new Date(nowUs / 1000).toISOString().slice(0, 19);
  const lines = [`# created: ${created}Z`, `# public key: ${key.recipient}`, key.identity(), ""];
  const clear = utf8(lines.join("\n"));
  return passphrase === null ? clear : sealWithPassphrase(clear, passphrase);
}
