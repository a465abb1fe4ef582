import { describe, expect, it } from "vitest";
import type { Policy } from "../src/api/client";
import { coverText, zonesText } from "../src/room/policy";

const policy = (more: Partial<Policy> = {}): Policy => ({
  cover: ["faces"],
  style: "solid",
  zones: [],
  ...more,
});

const zone = (name: string) => ({ name, points: [] });

describe("a policy in words", () => {
  it("says what is covered and how", () => {
    expect(coverText(policy())).toBe("faces; solid");
    const more = policy({ cover: ["faces", "plates"], style: "silhouette", zones: [zone("gate")] });
    expect(coverText(more)).toBe("faces, plates; silhouette; 1 zone");
    expect(coverText(policy({ zones: [zone("a"), zone("b")] }))).toBe("faces; solid; 2 zones");
  });

  it("names the zones", () => {
    expect(zonesText(policy())).toBe("No part of the picture is always covered");
    expect(zonesText(policy({ zones: [zone("gate"), zone("door")] }))).toBe(
      "Always covered: gate, door",
    );
  });
});
