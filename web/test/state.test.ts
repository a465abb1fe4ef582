import { describe, expect, it } from "vitest";
import { rungWords } from "../src/state";

describe("the rung of a camera's masks", () => {
  it("says nothing while all is normal, or there is no picture", () => {
    expect(rungWords({ state: "masked", rung: "normal", rung_reason: "" })).toBe("");
    expect(rungWords({ state: "offline", rung: null, rung_reason: "" })).toBe("");
  });

  it("says what is done and why", () => {
    const status = {
      state: "masked",
      rung: "figures",
      rung_reason: "this machine is loaded",
    } as const;
    expect(rungWords(status)).toBe("Whatever moves is covered whole: this machine is loaded.");
  });

  it("does not repeat what the state says", () => {
    expect(rungWords({ state: "blanked", rung: "whole", rung_reason: "it is covered" })).toBe("");
  });

  it("shows a rung it does not know as out of the ordinary", () => {
    const status = { state: "masked", rung: "deeper" as "wide", rung_reason: "" } as const;
    expect(rungWords(status)).toBe("Masked otherwise than usual (deeper).");
  });
});
