// A camera's state in words and in one colour; the colour never says anything the words do not.

import type { Status } from "./api/client";

export type Look = { word: string; detail: string; colour: string; picture: boolean };

const HOW: Record<string, Look> = {
  starting: { word: "Starting", detail: "no picture yet", colour: "yellow", picture: false },
  masked: { word: "Masked", detail: "what has to be is covered", colour: "teal", picture: true },
  clear: { word: "Clear", detail: "no face in view to cover", colour: "gray", picture: true },
  blanked: {
    word: "Blanked",
    detail: "the whole picture is covered",
    colour: "orange",
    picture: true,
  },
  offline: { word: "Offline", detail: "no word from the recorder", colour: "red", picture: false },
  withheld: {
    word: "Does not record",
    detail: "its papers are not on record",
    colour: "orange",
    picture: false,
  },
};

const UNKNOWN: Look = { word: "Unknown", detail: "state unknown", colour: "red", picture: false };

/** How to show a state; one that is unknown here is shown as trouble, never as fine. */
export function look(status: Pick<Status, "state" | "reason">): Look {
  const known = HOW[status.state];
  if (known === undefined) return { ...UNKNOWN, detail: status.reason || status.state };
  return status.reason === "" ? known : { ...known, detail: status.reason };
}

const RUNGS: Record<string, string> = {
  sparse: "Looked at less often",
  wide: "Masks are wider than usual",
  figures: "Whatever moves is covered whole",
  whole: "The whole picture is covered",
};

/** How masking differs from normal, and why; "" where it does not or the state says it already. */
export function rungWords(status: Pick<Status, "state" | "rung" | "rung_reason">): string {
  const { state, rung, rung_reason: reason } = status;
  if (rung == null || rung === "normal" || state === "blanked") return "";
  const words = RUNGS[rung] ?? `Masked otherwise than usual (${rung})`;
  return reason === "" ? `${words}.` : `${words}: ${reason}.`;
}

/** One sentence for a screen reader. */
export function spoken(name: string, status: Pick<Status, "state" | "reason">): string {
  const { word, detail } = look(status);
  return `${name}: ${word.toLowerCase()}, ${detail}.`;
}
