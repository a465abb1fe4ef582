// Signing in with a person's key: the server gives a nonce, and the signature is over the host that
// this page came from, so that a machine in between gains nothing by it.

import { answer, client, Refused } from "../api/client";
import { toBase64, utf8 } from "../vault/bytes";
import type { Key } from "../vault/keyfile";
import { hold } from "./holder";

/** What is signed; `host` with the port where it is not the usual one. */
export function signInMessage(host: string, nonce: string): Uint8Array {
  return utf8(`scrim/sign-in/v1\n${host.toLowerCase()}\n${nonce}`);
}

/** Signs in, and holds the key where it is needed again: custodians answer with it. */
export async function signInWith(key: Key): Promise<void> {
  const { verifier, sign } = key.signer;
  const { nonce } = await answer(client.POST("/api/session/nonce", { body: { verifier } }));
  if (!/^[!-~]+$/.test(nonce)) throw new Refused(0, "What the server wants signed is no nonce.");
  const signature = toBase64(sign(signInMessage(window.location.host, nonce)));
  await answer(client.POST("/api/session/key", { body: { verifier, nonce, signature } }));
  const session = await answer(client.GET("/api/session"));
  if (session.role === "custodian") hold("person", key);
}
