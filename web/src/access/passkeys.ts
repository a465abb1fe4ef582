// Passkeys: what the server asks for goes to the browser, and what the browser answers to the server.

import { answer, client } from "../api/client";

type Json = Record<string, unknown>;

/** Whether this browser knows passkeys, and this address may have them: a name, over TLS or local. */
export function passkeysPossible(): boolean {
  return (
    window.isSecureContext &&
    typeof window.PublicKeyCredential?.parseCreationOptionsFromJSON === "function" &&
    !/^[\d.]+$|^\[/.test(window.location.hostname)
  );
}

export async function addPasskey(): Promise<void> {
  const { options } = await answer(client.POST("/api/passkeys/challenge"));
  const publicKey = PublicKeyCredential.parseCreationOptionsFromJSON(
    options as unknown as PublicKeyCredentialCreationOptionsJSON,
  );
  const credential = asJson(await navigator.credentials.create({ publicKey }));
  await answer(client.POST("/api/passkeys", { body: { credential } }));
}

export async function signInWithPasskey(): Promise<void> {
  const { options } = await answer(client.POST("/api/session/passkey/challenge"));
  const publicKey = PublicKeyCredential.parseRequestOptionsFromJSON(
    options as unknown as PublicKeyCredentialRequestOptionsJSON,
  );
  const credential = asJson(await navigator.credentials.get({ publicKey }));
  await answer(client.POST("/api/session/passkey", { body: { credential } }));
}

function asJson(credential: Credential | null): Json {
  if (!(credential instanceof PublicKeyCredential)) throw new Error("The device gave no passkey.");
  return credential.toJSON() as Json;
}

/** What went wrong, in a sentence; a browser says of a passkey only that it was not allowed. */
export function why(error: unknown): string {
  if (error instanceof DOMException && error.name === "NotAllowedError") {
    return "The browser or its user broke it off.";
  }
  return error instanceof Error ? error.message : String(error);
}
