import { describe, expect, it } from "vitest";
import type { NormOutcome, NormRule } from "../src/api/client";
import { tell } from "../src/ledger/words";
import { countsText, factsOf, ruleText, statusText, unmetText, worst } from "../src/norms/words";

const RULE: NormRule = {
  pack: "hk",
  rule: "hk-05",
  scope: "camera",
  sentence: "A notice stands there.",
  citation: "PDPO",
  unverified: false,
  severity: "breach",
  remedy: "Put it up.",
  met: 3,
  due: 0,
  breached: 0,
  not_applicable: 1,
};

describe("norms in words", () => {
  it("says of a rule that it is unverified, and only then", () => {
    expect(ruleText("hk-07", true)).toBe("hk-07 (unverified)");
    expect(ruleText("hk-05", false)).toBe("hk-05");
    expect(ruleText("gone-1", null)).toBe("gone-1");
  });

  it("colours a rule by the worst that came of it", () => {
    expect(worst(RULE)).toBe("met");
    expect(worst({ ...RULE, due: 1 })).toBe("due");
    expect(worst({ ...RULE, due: 1, breached: 1 })).toBe("breached");
    expect(worst({ ...RULE, met: 0 })).toBe("not-applicable");
    expect(countsText({ ...RULE, breached: 2 })).toBe("2 breached, 3 met, 1 not applicable");
  });

  it("gives a date where there is one", () => {
    const day = Date.UTC(2026, 1, 10, 16) * 1000;
    expect(statusText("due", day)).toBe("due 2026-02-10");
    expect(statusText("not-applicable", null)).toBe("not applicable");
    expect(
      unmetText({
        rule: "hk-07",
        status: "breached",
        due_us: null,
        unverified: true,
        citation: "c",
        sentence: "s",
      }),
    ).toBe("breached: hk-07 (unverified)");
  });

  it("shows the facts behind", () => {
    const facts = { "camera.sign": false, "camera.labels": [], "camera.purpose": null };
    expect(factsOf({ facts } as unknown as NormOutcome)).toEqual([
      ["camera.sign", "false"],
      ["camera.labels", "none"],
      ["camera.purpose", "none"],
    ]);
  });

  it("tells an entry of the ledger", () => {
    const body = { at: 1, act: "checked", op: "configuration", camera: null, reason: "x" };
    const entry = (facts: object, camera: string | null = null) =>
      tell({ index: 0, body: { ...body, camera, facts } } as never).sentence;
    expect(entry({ rule: "hk-05", outcome: "met", subjects: ["a", "b"] })).toContain("met (2)");
    expect(entry({ rule: "hk-05", outcome: "breached" }, "gate")).toContain("breached (gate)");
  });
});
