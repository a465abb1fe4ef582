// A form, as somebody filled it in, made into what is asked for; what is missing is said in a sentence.

import { DAY_US, MINUTE_US } from "../time";
import { sha256Hex } from "../vault/bytes";
import type { Draft } from "../vault/draft";
import { SHORTEST_PASSPHRASE } from "../vault/newkey";
import { lengths, type Request, SHORTEST_REASON } from "../vault/request";

export type Asked = {
  kind: Request["kind"];
  cameras: string[];
  /** As `datetime-local` gives it, in the zone of this device; of what was recorded. */
  since: string;
  until: string;
  /** Of a live case. */
  minutes: string;
  purpose: string;
  answers: Record<string, string>;
  authority: Request["authority"]["kind"];
  reference: string;
  reason: string;
  days: string;
  passphrase: string;
  again: string;
  unsealed: boolean;
};

export const NOTHING_ASKED: Asked = {
  kind: "recorded",
  cameras: [],
  since: "",
  until: "",
  minutes: "30",
  purpose: "",
  answers: {},
  authority: "warrant",
  reference: "",
  reason: "",
  days: "14",
  passphrase: "",
  again: "",
  unsealed: false,
};

export const LONGEST_LIVE_MINUTES = 60;

/** UTC microseconds of `2026-11-25T14:00` or `…:30` in the zone of this device; null for none. */
export function localUs(text: string): number | null {
  if (!/^\d{4}-\d{2}-\d{2}T\d{2}:\d{2}(:\d{2})?$/.test(text)) return null;
  const ms = new Date(text).getTime();
  return Number.isNaN(ms) || ms < 0 ? null : ms * 1000;
}

function whole(text: string, least: number, most: number): number | null {
  const value = /^\d{1,6}$/.test(text.trim()) ? Number(text) : Number.NaN;
  return value >= least && value <= most ? value : null;
}

/** What still has to be filled in or put right, or "". `questions` are those of the purpose. */
export function unready(
  asked: Asked,
  hasPaper: boolean,
  questions: readonly string[],
  longestDays: number,
): string {
  const since = localUs(asked.since);
  const until = localUs(asked.until);
  const reference = lengths(asked.reference);
  if (asked.cameras.length === 0) return "Choose a camera.";
  if (asked.kind === "recorded") {
    if (since === null || until === null) return "Say from when until when.";
    if (since >= until) return "The end has to be later than the beginning.";
  } else if (whole(asked.minutes, 1, LONGEST_LIVE_MINUTES) === null) {
    return `A live case is for 1 to ${LONGEST_LIVE_MINUTES} minutes.`;
  }
  if (asked.purpose === "") return "Choose a purpose.";
  const open = questions.filter((question) => lengths(asked.answers[question] ?? "").stripped < 1);
  if (open.length > 0) return `Answer what is asked before: ${open.join(", ")}.`;
  if (reference.stripped < 1 || reference.all > 200) {
    return "Give the reference of the authority, in up to 200 characters.";
  }
  if (!hasPaper && asked.authority !== "emergency") {
    return "Choose the authority's paper; only an emergency may come before it.";
  }
  if (lengths(asked.reason).stripped < SHORTEST_REASON) {
    return `Give a reason of at least ${SHORTEST_REASON} characters.`;
  }
  if (asked.kind === "recorded" && whole(asked.days, 1, longestDays) === null) {
    return `The case ends after 1 to ${longestDays} days.`;
  }
  if (asked.unsealed) return "";
  if ([...asked.passphrase].length < SHORTEST_PASSPHRASE) {
    return `Take a passphrase of at least ${SHORTEST_PASSPHRASE} characters.`;
  }
  return asked.passphrase === asked.again ? "" : "The two passphrases are not the same.";
}

/** What is asked for, from now on; only of what {@link unready} finds nothing about. */
export function draftOf(
  asked: Asked,
  paper: Uint8Array | null,
  questions: readonly string[],
  recipient: string,
  nowUs: number,
): Draft {
  const live = asked.kind === "live";
  const sinceUs = live ? nowUs : (localUs(asked.since) ?? 0);
  const untilUs = live ? nowUs + Number(asked.minutes) * MINUTE_US : (localUs(asked.until) ?? 0);
  return {
    kind: asked.kind,
    purpose: asked.purpose,
    authority: {
      kind: asked.authority,
      reference: asked.reference.trim(),
      documentSha256: paper === null ? "" : sha256Hex(paper),
    },
    cameras: asked.cameras,
    sinceUs,
    untilUs,
    reason: asked.reason,
    recipient,
    // as the command line has it: a live case is looked at within a day
    expiresUs: live ? untilUs + DAY_US : nowUs + Number(asked.days) * DAY_US,
    answers: [...questions]
      .sort()
      .map((question) => ({ question, answer: asked.answers[question] ?? "" })),
  };
}
