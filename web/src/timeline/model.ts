// The timeline's arithmetic: a window over time, what lies in it, and how it is moved.

import { DAY_US, MINUTE_US, tickStep } from "../time";

export type Window = { sinceUs: number; untilUs: number };
export type Span = { since_us: number; until_us: number };
export type Gap = {
  since_us: number;
  until_us?: number | null;
  cause: string;
  detail: string;
  side: string;
};

export const NARROWEST_US = MINUTE_US;
export const WIDEST_US = 2 * DAY_US;

/** Where a time lies in the window: 0 at its left edge, 1 at its right. */
export function place(us: number, window: Window): number {
  return (us - window.sinceUs) / (window.untilUs - window.sinceUs);
}

export function timeAt(fraction: number, window: Window): number {
  return Math.round(window.sinceUs + fraction * (window.untilUs - window.sinceUs));
}

/** The window `factor` times as wide, holding still what is at `fraction`; never past `nowUs`. */
export function zoomed(window: Window, factor: number, fraction: number, nowUs: number): Window {
  const width = window.untilUs - window.sinceUs;
  const wanted = Math.min(WIDEST_US, Math.max(NARROWEST_US, Math.round(width * factor)));
  const anchor = timeAt(fraction, window);
  return notPast({ sinceUs: Math.round(anchor - fraction * wanted), untilUs: 0 }, wanted, nowUs);
}

/** The window moved by a share of its width; never past `nowUs`. */
export function moved(window: Window, share: number, nowUs: number): Window {
  const width = window.untilUs - window.sinceUs;
  return notPast({ sinceUs: Math.round(window.sinceUs + share * width), untilUs: 0 }, width, nowUs);
}

function notPast(window: Window, width: number, nowUs: number): Window {
  const sinceUs = Math.min(window.sinceUs, nowUs - width);
  return { sinceUs, untilUs: sinceUs + width };
}

/** The part of a span inside the window as {start, width} in shares of it; null when outside. */
export function clipped(
  since: number,
  until: number,
  window: Window,
): { start: number; width: number } | null {
  const start = Math.max(0, place(since, window));
  const end = Math.min(1, place(until, window));
  return end <= start ? null : { start, width: end - start };
}

/** Round times inside the window, about `wanted` of them, on the viewer's own clock. */
export function ticks(window: Window, wanted: number): number[] {
  const step = tickStep(window.untilUs - window.sinceUs, wanted);
  const zone = new Date(window.sinceUs / 1000).getTimezoneOffset() * MINUTE_US;
  const first = Math.ceil((window.sinceUs - zone) / step) * step + zone;
  const found: number[] = [];
  for (let at = first; at <= window.untilUs; at += step) found.push(at);
  return found;
}

export function recordedAt(us: number, spans: Span[]): boolean {
  return spans.some((span) => span.since_us <= us && us < span.until_us);
}

export function gapAt(us: number, gaps: Gap[], nowUs: number): Gap | undefined {
  return gaps.find((gap) => gap.since_us <= us && us < (gap.until_us ?? nowUs));
}

/** The first recorded moment at or after `us`, or null. */
export function nextRecorded(us: number, spans: Span[]): number | null {
  let best: number | null = null;
  for (const span of spans) {
    if (span.until_us <= us) continue;
    const start = Math.max(us, span.since_us);
    if (best === null || start < best) best = start;
  }
  return best;
}

const CAUSES: Record<string, string> = {
  "recorder-stopped": "the recorder was not running",
  "masking-failed": "masking failed, so nothing was shown",
  overloaded: "this machine could not keep up",
  "papers-missing": "a paper that a rule asks for was not on record",
};

/** A cause's code in words. */
export function causeText(cause: string): string {
  return CAUSES[cause] ?? cause.replaceAll("-", " ");
}

const SIDES: Record<string, string> = {
  masked: " (the originals are sealed all the same)",
  sealed: " (the originals are missing, the masked recording is there)",
};

/** A gap in words: its cause, then the detail that the recorder gave. */
export function gapText(gap: Gap): string {
  const cause = causeText(gap.cause);
  const text = gap.detail === "" ? cause : `${cause}: ${gap.detail}`;
  return `${text}${SIDES[gap.side] ?? ""}`;
}

/** Seconds of media time for a wall-clock time, from the playlist's program date-times.
 *
 * A recorded playlist leaves gaps out, so media time and wall-clock time drift apart at each gap;
 * a time inside a gap gives the first moment after it.
 */
export function mediaTimeAt(
  wallMs: number,
  pieces: { start: number; duration: number; programDateTime: number | null }[],
): number | null {
  for (const piece of pieces) {
    if (piece.programDateTime === null) continue;
    const into = (wallMs - piece.programDateTime) / 1000;
    if (into < piece.duration) return piece.start + Math.max(0, into);
  }
  return null;
}
