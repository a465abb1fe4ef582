import { describe, expect, it } from "vitest";
import { HOUR_US, MINUTE_US, SECOND_US } from "../src/time";
import {
  clipped,
  gapAt,
  gapText,
  mediaTimeAt,
  moved,
  NARROWEST_US,
  nextRecorded,
  place,
  recordedAt,
  ticks,
  timeAt,
  WIDEST_US,
  zoomed,
} from "../src/timeline/model";

const NOW = 1_795_334_205_000_000;
const HOUR = { sinceUs: NOW - HOUR_US, untilUs: NOW };
const SPANS = [
  { since_us: NOW - 50 * MINUTE_US, until_us: NOW - 40 * MINUTE_US },
  { since_us: NOW - 30 * MINUTE_US, until_us: NOW },
];

describe("the window", () => {
  it("keeps still what the pointer is on while it zooms", () => {
    const closer = zoomed(HOUR, 0.5, 0.25, NOW);
    expect(closer.untilUs - closer.sinceUs).toBe(HOUR_US / 2);
    expect(timeAt(0.25, closer)).toBe(timeAt(0.25, HOUR));
  });

  it("never shows the future, and keeps its limits", () => {
    const wider = zoomed(HOUR, 24, 0.5, NOW);
    expect(wider.untilUs).toBe(NOW);
    expect(zoomed(HOUR, 1e6, 0, NOW).untilUs - zoomed(HOUR, 1e6, 0, NOW).sinceUs).toBe(WIDEST_US);
    const closest = zoomed(HOUR, 1e-6, 0.5, NOW);
    expect(closest.untilUs - closest.sinceUs).toBe(NARROWEST_US);
    expect(moved(HOUR, 0.5, NOW)).toEqual(HOUR);
    expect(moved(HOUR, -0.5, NOW).untilUs).toBe(NOW - HOUR_US / 2);
  });

  it("places times and clips spans", () => {
    expect(place(NOW - 30 * MINUTE_US, HOUR)).toBe(0.5);
    expect(clipped(NOW - 2 * HOUR_US, NOW - 45 * MINUTE_US, HOUR)).toEqual({
      start: 0,
      width: 0.25,
    });
    expect(clipped(NOW - 3 * HOUR_US, NOW - 2 * HOUR_US, HOUR)).toBeNull();
  });

  it("has ticks at round times of the viewer's clock, inside it", () => {
    const found = ticks(HOUR, 7);
    expect(found.length).toBeGreaterThan(4);
    for (const us of found) {
      expect(new Date(us / 1000).getMinutes() % 10).toBe(0);
      expect(us).toBeGreaterThanOrEqual(HOUR.sinceUs);
      expect(us).toBeLessThanOrEqual(HOUR.untilUs);
    }
  });
});

describe("what is recorded", () => {
  it("goes on at the next recorded moment from a gap", () => {
    expect(recordedAt(NOW - 45 * MINUTE_US, SPANS)).toBe(true);
    expect(recordedAt(NOW - 35 * MINUTE_US, SPANS)).toBe(false);
    expect(nextRecorded(NOW - 45 * MINUTE_US, SPANS)).toBe(NOW - 45 * MINUTE_US);
    expect(nextRecorded(NOW - 35 * MINUTE_US, SPANS)).toBe(NOW - 30 * MINUTE_US);
    expect(nextRecorded(NOW, SPANS)).toBeNull();
  });

  it("finds a gap that still lasts, and says its cause", () => {
    const gap = {
      since_us: NOW - 5 * SECOND_US,
      until_us: null,
      cause: "recorder-stopped",
      detail: "killed",
      side: "both",
    };
    expect(gapAt(NOW - SECOND_US, [gap], NOW)).toBe(gap);
    expect(gapAt(NOW - 6 * SECOND_US, [gap], NOW)).toBeUndefined();
    expect(gapText(gap)).toBe("the recorder was not running: killed");
  });

  it("finds media time across a hole that the playlist leaves out", () => {
    const wall = NOW / 1000;
    const pieces = [
      { start: 0, duration: 2, programDateTime: wall },
      { start: 2, duration: 2, programDateTime: wall + 2000 },
      { start: 4, duration: 2, programDateTime: wall + 60_000 },
    ];
    expect(mediaTimeAt(wall + 3500, pieces)).toBe(3.5);
    expect(mediaTimeAt(wall + 30_000, pieces)).toBe(4);
    expect(mediaTimeAt(wall + 61_000, pieces)).toBe(5);
    expect(mediaTimeAt(wall - 5000, pieces)).toBe(0);
    expect(mediaTimeAt(wall + 90_000, pieces)).toBeNull();
  });
});
