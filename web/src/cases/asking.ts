// A form, as somebody filled it in, made into what is asked for; what is missing is said in a sentence.

import { DAY_US, HOUR_US, MINUTE_US } from "../time";
import { sha256Hex } from "../vault/bytes";
import type { Draft } from "../vault/draft";
import { SHORTEST_PASSPHRASE } from "../vault/newkey";
import { lengths, type Request, SHORTEST_REASON } from "../vault/request";

export type Asked = {
  kind: Request["kind"];
  cameras: string[];
  /** As `datetime-local` gives it, by the clock of this device or in UTC; of what was recorded. */
  since: string;
  until: string;
  utc: boolean;
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
  utc: false,
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

/** How long an interval and a case may be, as the server has it. */
export type Longest = { hours: number; days: number };

/** The server's clock may be so far behind what this device takes it for. */
const CLOCKS_US = MINUTE_US;

/** UTC microseconds of `2026-11-25T14:00` or `…:30` in the zone of this device, or in UTC; null for none. */
export function localUs(text: string, utc = false): number | null {
  if (!/^\d{4}-\d{2}-\d{2}T\d{2}:\d{2}(:\d{2})?$/.test(text)) return null;
  const us = new Date(utc ? `${text}Z` : text).getTime() * 1000;
  return Number.isSafeInteger(us) && us >= 0 ? us : null;
}

/** How often the clock of this device shows that time: 0 or 2 where it is set forward or back. */
export function timesShown(text: string): number {
  const us = localUs(text);
  if (us === null) return 0;
  const at = new Date(us / 1000);
  const around = [-3, 0, 3].map((hours) => {
    const zone = new Date(us / 1000 + (hours * HOUR_US) / 1000).getTimezoneOffset();
    // the moment that this time is under that offset, if it is one that is in force then
    const wall = Date.UTC(at.getFullYear(), at.getMonth(), at.getDate(), ...clockOf(text));
    const moment = wall + (zone * MINUTE_US) / 1000;
    return new Date(moment).getTimezoneOffset() === zone ? moment : null;
  });
  return new Set(around.filter((moment) => moment !== null)).size;
}

function clockOf(text: string): [number, number, number] {
  const [hours = 0, minutes = 0, seconds = 0] = text.slice(11).split(":").map(Number);
  return [hours, minutes, seconds];
}

/** What stands in place of a purpose that was not chosen; `open`: how many there are, null: not known. */
export function noPurpose(cameras: number, open: number | null): string {
  if (cameras === 0) return "Choose cameras first";
  return open === 0 ? "None is open to all of these cameras" : "Choose a purpose";
}

function whole(text: string, least: number, most: number): number | null {
  const value = /^\d{1,6}$/.test(text.trim()) ? Number(text) : Number.NaN;
  return value >= least && value <= most ? value : null;
}

/** What of the interval still has to be put right, or "". */
function unreadyInterval({ since, until, utc }: Asked, longest: Longest, nowUs: number): string {
  const [sinceUs, untilUs] = [localUs(since, utc), localUs(until, utc)];
  if (sinceUs === null || untilUs === null) return "Say from when until when.";
  const odd = utc ? undefined : [since, until].find((text) => timesShown(text) !== 1);
  if (odd !== undefined) {
    const often = timesShown(odd) === 0 ? "does not come" : "comes twice";
    return `${odd.replace("T", " ")} ${often} by the clock of this device: give the times in UTC.`;
  }
  if (sinceUs >= untilUs) return "The end has to be later than the beginning.";
  if (untilUs > nowUs) return "The end lies ahead; a live case is for what comes next.";
  if (untilUs - sinceUs > longest.hours * HOUR_US) {
    return `The interval is of up to ${longest.hours} hours.`;
  }
  return "";
}

/** What still has to be filled in or put right, or "". `questions` are those of the purpose. */
export function unready(
  asked: Asked,
  hasPaper: boolean,
  questions: readonly string[],
  longest: Longest,
  nowUs: number,
): string {
  const reference = lengths(asked.reference);
  if (asked.cameras.length === 0) return "Choose a camera.";
  if (asked.kind === "recorded") {
    const wrong = unreadyInterval(asked, longest, nowUs);
    if (wrong !== "") return wrong;
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
  if (asked.kind === "recorded" && whole(asked.days, 1, longest.days) === null) {
    return `The case ends after 1 to ${longest.days} days.`;
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
  longest: Longest,
): Draft {
  const live = asked.kind === "live";
  const sinceUs = live ? nowUs : (localUs(asked.since, asked.utc) ?? 0);
  const untilUs = live
    ? nowUs + Number(asked.minutes) * MINUTE_US
    : (localUs(asked.until, asked.utc) ?? 0);
  // a case of the longest time, counted from a clock that is ahead, would be refused as longer
  const lastUs = nowUs + longest.days * DAY_US - CLOCKS_US;
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
    expiresUs: live ? untilUs + DAY_US : Math.min(nowUs + Number(asked.days) * DAY_US, lastUs),
    answers: [...questions]
      .sort()
      .map((question) => ({ question, answer: asked.answers[question] ?? "" })),
  };
}
