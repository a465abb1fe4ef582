// Times as people read them. The server counts microseconds of UTC; so does everything here.

export const SECOND_US = 1_000_000;
export const MINUTE_US = 60 * SECOND_US;
export const HOUR_US = 60 * MINUTE_US;
export const DAY_US = 24 * HOUR_US;

const two = (value: number) => String(value).padStart(2, "0");

/** ``14:03:22`` of the viewer's own clock. */
export function clockText(us: number): string {
  const at = new Date(us / 1000);
  return `${two(at.getHours())}:${two(at.getMinutes())}:${two(at.getSeconds())}`;
}

/** ``2026-11-22 14:03:22`` of the viewer's own clock. */
export function dateText(us: number): string {
  const at = new Date(us / 1000);
  return `${at.getFullYear()}-${two(at.getMonth() + 1)}-${two(at.getDate())} ${clockText(us)}`;
}

/** ``14:03:22 UTC``. */
export function utcText(us: number): string {
  return `${new Date(us / 1000).toISOString().slice(11, 19)} UTC`;
}

/** ``just now``, ``4 s ago``, ``3 min ago``, ``2 h ago``, ``5 days ago``. */
export function agoText(us: number, nowUs: number): string {
  const past = nowUs - us;
  if (past < 1.5 * SECOND_US) return "just now";
  return `${spanText(past)} ago`;
}

/** ``0.4 s``, ``42 s``, ``3 min``, ``1 h 5 min``, ``2 days``. */
export function spanText(us: number): string {
  if (us < 9.95 * SECOND_US) {
    const tenths = Math.round(us / (SECOND_US / 10)) / 10;
    return `${tenths} s`;
  }
  if (us < 90 * SECOND_US) return `${Math.round(us / SECOND_US)} s`;
  if (us < 90 * MINUTE_US) return `${Math.round(us / MINUTE_US)} min`;
  if (us < 48 * HOUR_US) {
    const hours = Math.floor(us / HOUR_US);
    const minutes = Math.round((us - hours * HOUR_US) / MINUTE_US);
    return minutes === 0 || hours >= 10 ? `${hours} h` : `${hours} h ${minutes} min`;
  }
  return `${Math.round(us / DAY_US)} days`;
}

/** A round number of seconds, minutes or hours between ticks, so that about `wanted` ticks fit. */
export function tickStep(spanUs: number, wanted: number): number {
  const steps = [1, 2, 5, 10, 15, 30].map((n) => n * SECOND_US);
  steps.push(...[1, 2, 5, 10, 15, 30].map((n) => n * MINUTE_US));
  steps.push(...[1, 2, 3, 6, 12, 24].map((n) => n * HOUR_US));
  return steps.find((step) => spanUs / step <= wanted) ?? DAY_US;
}
