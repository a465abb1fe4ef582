import { expect, it } from "vitest";
import { readCheckpoint } from "../src/ledger/checkpoint";

const ROOT = "XcnaeacGWamtVZy3Ad7ZoqudgjqtL0lgz+Nw7/RgQyg=";

it("reads origin, size and root of a signed note", () => {
  const note = `scrim.local/ledger\n8\n${ROOT}\n\n— scrim.local/ledger Az3grl=\n`;
  expect(readCheckpoint(note)).toEqual({
    origin: "scrim.local/ledger",
    size: 8,
    root: "5dc9da79a70659a9ad559cb701ded9a2ab9d823aad2f4960cfe370eff4604328",
    signed: true,
  });
});

it("takes nothing else for a checkpoint", () => {
  expect(readCheckpoint("")).toBeNull();
  expect(readCheckpoint(`origin\n08\n${ROOT}\n\n`)).toBeNull();
  expect(readCheckpoint("origin\n8\nAAAA\n\n")).toBeNull();
  expect(readCheckpoint("origin\n8\n!\n\n")).toBeNull();
});
