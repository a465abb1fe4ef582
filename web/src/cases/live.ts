// What a live opening seals to this case's one-time key, as it comes: no parts, and no manifest yet.

import { Refused } from "../api/client";
import { SECOND_US } from "../time";
import type { Key } from "../vault/keyfile";
import { overlaps, type Segment } from "../vault/manifest";
import type { CasePackage } from "../vault/package";
import { openSegment } from "../vault/segment";
import { fetchSealed, lookAgain, type Viewing } from "./api";
import type { Originals } from "./originals";

const POLL_MS = 2000;
/** For so long after the window the last segment may still be on its way to the store. */
const GRACE_US = 20 * SECOND_US;

const UNPROVED =
  "These pictures come as the server has them, sealed to this case's key. That they are what the camera recorded is proved by the manifests that the ledger holds, once the key periods are closed: `scrim case open` then checks all of it.";

/** The originals of one camera in the window of a live case; `nowUs` is the server's clock. */
export function liveOriginalsOf(
  { request }: CasePackage,
  camera: string,
  viewing: Viewing,
  key: Key,
  nowUs: () => number,
): Originals {
  const { sinceUs, untilUs } = request;
  const segments: Segment[] = [];
  const take = (listed: readonly Segment[]): boolean => {
    const known = new Set(segments.map(({ segment }) => segment));
    const fresh = listed.filter(
      (one) =>
        one.camera === camera &&
        !one.lost &&
        !known.has(one.segment) &&
        overlaps(one.startUs, one.endUs, sinceUs, untilUs),
    );
    segments.push(...fresh);
    segments.sort((one, other) => one.startUs - other.startUs);
    return fresh.length > 0;
  };
  take(viewing.segments);
  return {
    segments,
    findings: [{ id: "unproved", sentence: UNPROVED }],
    originUs: Math.min(sinceUs, segments[0]?.startUs ?? sinceUs),
    // what is happening now, as long as it does; afterwards from the beginning
    beginUs: nowUs() < untilUs ? (segments.at(-1)?.startUs ?? sinceUs) : sinceUs,
    open: async (segment, signal) => {
      const sealed = await patiently(() => fetchSealed(viewing.viewing, segment, signal), signal);
      return openSegment(segment, key.identity(), sealed);
    },
    follow: async (signal) => {
      while (nowUs() < untilUs + GRACE_US) {
        await pause(POLL_MS, signal);
        try {
          if (take((await lookAgain(viewing.viewing, signal)).segments)) return true;
        } catch (error) {
          if (!isAway(error)) throw error;
        }
        signal.throwIfAborted();
      }
      return false;
    },
  };
}

/** What `ask` gets; a server that is away for a while loses nothing. */
async function patiently<Got>(ask: () => Promise<Got>, signal: AbortSignal): Promise<Got> {
  for (;;) {
    try {
      return await ask();
    } catch (error) {
      if (!isAway(error)) throw error;
    }
    await pause(POLL_MS, signal);
  }
}

/** Whether nobody answered, or somebody on the way, or a server that is just starting or stopping. */
function isAway(error: unknown): boolean {
  return error instanceof Refused && (error.status === 0 || error.status >= 500);
}

function pause(ms: number, signal: AbortSignal): Promise<void> {
  return new Promise((done, stopped) => {
    const stop = () => {
      clearTimeout(timer);
      stopped(signal.reason);
    };
    const timer = setTimeout(() => {
      signal.removeEventListener("abort", stop);
      done();
    }, ms);
    signal.addEventListener("abort", stop, { once: true });
  });
}
