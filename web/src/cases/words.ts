// Cases in words: states, decisions, and a request as somebody would say it.

import { SECOND_US, spanText } from "../time";
import type { Request } from "../vault/request";
import type { CaseState } from "./api";

export const AUTHORITIES: Record<Request["authority"]["kind"], string> = {
  warrant: "Warrant",
  statute: "Statute",
  consent: "Consent",
  emergency: "Emergency",
};

export type StateWords = { word: string; detail: string; colour: string };

export const STATES: Record<CaseState, StateWords> = {
  drafted: { word: "Drafted", detail: "waits for the officer's signature", colour: "gray" },
  requested: { word: "Requested", detail: "waits for custodians", colour: "yellow" },
  approved: { word: "Approved", detail: "enough custodians agree", colour: "teal" },
  open: { word: "Open", detail: "originals have been looked at", colour: "teal" },
  closed: { word: "Closed", detail: "ended by its officer", colour: "gray" },
  expired: { word: "Expired", detail: "its time is over", colour: "gray" },
  refused: { word: "Refused", detail: "nothing is opened", colour: "orange" },
};

/** Whether sealed parts and segments are handed out in this state. */
export function isOpenable(state: CaseState): boolean {
  return state === "approved" || state === "open";
}

/** Whether custodians' answers are taken in this state. */
export function isAnswerable(state: CaseState): boolean {
  return state === "requested" || isOpenable(state);
}

/** Whether nothing happens to the case any more. */
export function isOver(state: CaseState): boolean {
  return state !== "drafted" && !isAnswerable(state);
}

/** `1 camera`, `3 cameras`. */
export function counted(count: number, one: string, more = `${one}s`): string {
  return `${count.toLocaleString("en")} ${count === 1 ? one : more}`;
}

/** What is asked, in one sentence. */
export function askedFor(request: Request): string {
  const { kind, cameras, sinceUs, untilUs, officer } = request;
  const what =
    kind === "live"
      ? "the original pictures, as they come,"
      : "the original pictures that were recorded";
  const span = spanText(Math.max(SECOND_US, untilUs - sinceUs));
  return `${officer.id} (${officer.office}) asks to see ${what} of ${counted(cameras.length, "camera")}, ${span} long.`;
}

/** The line that is drawn over opened pictures. */
export function watermark({ case: id, officer }: Request, atUs: number): string {
  const at = new Date(atUs / 1000).toISOString().slice(0, 19).replace("T", " ");
  return `${id} · ${officer.id} · ${officer.office} · ${at} UTC`;
}
