// Sign-in by the printed link: its token stands in the fragment, which no browser sends anywhere.

import { answer, client } from "./client";

const PREFIX = "#sign-in=";

/** The token of a sign-in link's fragment, or null. */
export function tokenIn(fragment: string): string | null {
  if (!fragment.startsWith(PREFIX)) return null;
  const token = decodeURIComponent(fragment.slice(PREFIX.length));
  return token === "" ? null : token;
}

/** Takes the token out of the address and the history, whatever becomes of it. */
export function takeToken(): string | null {
  const token = tokenIn(window.location.hash);
  if (token !== null) window.history.replaceState(null, "", "/");
  return token;
}

export async function redeem(token: string): Promise<void> {
  await answer(client.POST("/api/session", { body: { token } }));
}

export async function signOut(): Promise<void> {
  await answer(client.DELETE("/api/session"));
}
