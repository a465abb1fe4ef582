// What to do when a picture stops coming. Rules:
//
// - A live player never gives up by itself; it waits longer each time, up to a limit.
// - A view is opened again only when the server says of its playlist that it is gone or not ours:
//   each opening is an entry in the ledger, and a flapping camera must not fill it. A missing
//   piece says nothing of the kind; it has merely left the live window.
// - A decoder's trouble is first mended in place, then by starting the player again.

export type Mode = "live" | "recorded";

export type Failure =
  | { kind: "network"; status: number; playlist: boolean }
  | { kind: "media" }
  | { kind: "stalled" };

export type Step = { act: "mend" | "reload" | "reopen" | "stop"; waitMs: number };

const FIRST_MS = 500;
const LONGEST_MS = 15_000;
const GONE = [401, 403, 404, 410];

/** Milliseconds before try number `tries` (0, 1, 2 …); `spread` in 0..1 keeps viewers apart. */
export function backoff(tries: number, spread: number): number {
  const full = Math.min(LONGEST_MS, FIRST_MS * 2 ** tries);
  return Math.round(full * (0.75 + 0.5 * spread));
}

/** The next step after `failure`, when `tries` steps went before without a steady picture since. */
export function nextStep(failure: Failure, mode: Mode, tries: number, spread: number): Step {
  const waitMs = backoff(tries, spread);
  if (failure.kind === "media" && tries === 0) return { act: "mend", waitMs: 0 };
  if (mode === "recorded" && tries >= 3) return { act: "stop", waitMs: 0 };
  if (failure.kind === "network" && failure.playlist && GONE.includes(failure.status)) {
    return { act: "reopen", waitMs };
  }
  return { act: "reload", waitMs };
}
