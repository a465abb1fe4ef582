import { describe, expect, it } from "vitest";
import { sentence } from "../src/api/client";
import { tokenIn } from "../src/api/session";
import { offsetFrom } from "../src/clock";
import { rows, tell } from "../src/ledger/words";
import { backoff, nextStep } from "../src/player/recovery";
import { look, spoken } from "../src/state";
import { agoText, HOUR_US, MINUTE_US, SECOND_US, spanText } from "../src/time";

const entry = (index: number, act: string, more = {}) => ({
  index,
  body: { v: 1, at: 5, act, op: "collection", who: "recorder", camera: "gate", facts: {}, ...more },
});

describe("times", () => {
  it("are said as people say them", () => {
    expect(agoText(0, 0.5 * SECOND_US)).toBe("just now");
    expect(agoText(0, 4.2 * SECOND_US)).toBe("4.2 s ago");
    expect(agoText(0, 42 * SECOND_US)).toBe("42 s ago");
    expect(spanText(5 * MINUTE_US)).toBe("5 min");
    expect(spanText(2 * HOUR_US + 5 * MINUTE_US)).toBe("2 h 5 min");
    expect(spanText(72 * HOUR_US)).toBe("3 days");
  });

  it("follow the server's clock when the viewer's is wrong", () => {
    expect(offsetFrom(100 * MINUTE_US, (98 * MINUTE_US) / 1000)).toBe(2 * MINUTE_US);
    expect(offsetFrom(100 * MINUTE_US, (100 * MINUTE_US) / 1000 + 200)).toBe(0);
  });
});

describe("states", () => {
  it("have a word, and the recorder's reason where it gave one", () => {
    expect(look({ state: "blanked", reason: "detector failed" })).toMatchObject({
      word: "Blanked",
      detail: "detector failed",
    });
    expect(spoken("Gate", { state: "offline", reason: "" })).toContain("Gate: offline");
  });

  it("that are unknown look like trouble", () => {
    const strange = look({ state: "brand-new" as "masked", reason: "" });
    expect(strange.picture).toBe(false);
    expect(strange.colour).toBe("red");
  });
});

describe("the ledger in words", () => {
  it("says what happened", () => {
    const until = 43 * SECOND_US;
    const viewed = entry(1, "viewed", { since: 0, until, facts: { mode: "recorded" } });
    expect(tell(viewed).sentence).toBe("Recording of gate watched (43 s)");
    const gap = { since: 0, until, facts: { cause: "overloaded", side: "masked" } };
    expect(tell(entry(4, "gap", gap)).sentence).toBe(
      "Gap in the masked recording of gate ended (43 s): this machine could not keep up",
    );
    expect(tell(entry(2, "camera-started")).sentence).toBe("Recording of gate started");
  });

  it("says what became of cases, and whose originals were looked at", () => {
    const looked = entry(6, "original-viewed", {
      since: 0,
      until: 43 * SECOND_US,
      facts: { act: "view" },
    });
    expect(tell(looked).sentence).toBe("Originals of gate looked at (43 s)");
    const answered = entry(7, "case-answered", { facts: { decision: "refused" } });
    expect(tell(answered).sentence).toBe("A custodian has refused a request");
    expect(tell(entry(8, "case-expired")).sentence).toBe("A case expired");
  });

  it("shows an act that it does not know by its code", () => {
    expect(tell(entry(3, "moon-landed")).sentence).toBe("moon landed");
  });

  it("folds runs of heads and nothing else", () => {
    const log = [
      entry(0, "camera-started"),
      ...[1, 2, 3].map((n) => entry(n, "heads")),
      entry(4, "viewed"),
      entry(5, "heads"),
    ];
    const folded = rows(log, new Set());
    expect(
      folded.map((row) => (row.kind === "fold" ? row.entries.length : row.entry.index)),
    ).toEqual([5, 4, 3, 0]);
    expect(folded[2]?.kind).toBe("fold");
    expect(rows(log, new Set([0])).length).toBe(log.length);
  });
});

describe("what the server refuses", () => {
  it("is said in its own words", () => {
    expect(sentence(503, { detail: "No room.", remedy: "Make room." })).toBe("No room. Make room.");
    expect(sentence(0, null)).toBe("The server does not answer.");
    expect(sentence(418, "teapot")).toBe("The server answered with status 418.");
  });
});

describe("the sign-in link", () => {
  it("gives its token and nothing else does", () => {
    expect(tokenIn("#sign-in=abc_-1")).toBe("abc_-1");
    expect(tokenIn("#sign-in=")).toBeNull();
    expect(tokenIn("#/ledger")).toBeNull();
  });
});

describe("recovery", () => {
  it("waits longer each time, up to a limit, and never for nothing", () => {
    expect(backoff(0, 0)).toBeGreaterThan(300);
    expect(backoff(3, 0.5)).toBeGreaterThan(backoff(2, 0.5));
    expect(backoff(50, 1)).toBeLessThanOrEqual(20_000);
  });

  it("opens a view again only when its playlist is gone", () => {
    const gone = { kind: "network", status: 403, playlist: true } as const;
    expect(nextStep(gone, "live", 0, 0).act).toBe("reopen");
    expect(nextStep({ ...gone, playlist: false }, "live", 0, 0).act).toBe("reload");
    expect(nextStep({ ...gone, status: 503 }, "live", 5, 0).act).toBe("reload");
    expect(nextStep({ ...gone, status: 0 }, "live", 99, 0).act).toBe("reload");
  });

  it("mends a decoder once before it starts again, and lets a recording end", () => {
    expect(nextStep({ kind: "media" }, "live", 0, 0).act).toBe("mend");
    expect(nextStep({ kind: "media" }, "live", 1, 0).act).toBe("reload");
    expect(nextStep({ kind: "stalled" }, "recorded", 3, 0).act).toBe("stop");
  });
});
