import { afterEach, describe, expect, it, vi } from "vitest";
import REQUESTS from "../../tests/conformance/cases/requests.json";
import {
  type Asked,
  draftOf,
  localUs,
  NOTHING_ASKED,
  noPurpose,
  timesShown,
  unready,
} from "../src/cases/asking";
import { DAY_US, MINUTE_US } from "../src/time";
import { recipientOf, secretOf } from "../src/vault/agekeys";
import { sha256Hex, utf8 } from "../src/vault/bytes";
import { checkDrafted, type Draft, draftDocument, signRequest } from "../src/vault/draft";
import { KeyFileInvalid, PackageBroken, StatementInvalid } from "../src/vault/errors";
import type { JsonObject } from "../src/vault/fields";
import { needsPassphrase, readKey } from "../src/vault/keyfile";
import { keyFileOf, newKey } from "../src/vault/newkey";
import { requestFromBody, requestOf } from "../src/vault/request";
import { CASE, keyOf } from "./vectors";

const NOW_US = 1_795_335_180_000_000;
const LONGEST = { hours: 24, days: 90 };

function good(name: string): { body: JsonObject; draft: Draft; id: string } {
  const found = REQUESTS.find((one) => one.name === name);
  const body = JSON.parse(found?.body ?? "null") as JsonObject;
  const request = requestFromBody(body);
  return { body, draft: request, id: request.case };
}

describe("what the server gives to sign", () => {
  it.each(["as it is", "answers to what norms ask", "live", "an emergency without a paper"])(
    "is signed where it says what was asked: %s",
    async (name) => {
      const { body, draft, id } = good(name);
      const request = checkDrafted(draft, id, body);
      const signed = signRequest(request, body, await keyOf(CASE.officer));
      expect(requestOf(signed).sha256).toBe(request.sha256);
    },
  );

  const OTHER: JsonObject = {
    case: "case-abcd2346",
    purpose: "accident",
    cameras: ["gate", "yard"],
    since_us: 1_795_331_579_000_000,
    until_us: 1_795_331_597_000_000,
    reason: "A cyclist was knocked down at the gate; the driver went off.",
    recipient: recipientOf(secretOf(CASE.stranger)),
    expires_us: 1_795_504_380_000_001,
    answers: { relevance: "It is where it happened." },
    authority: { kind: "statute", reference: "ESCC 17/2026", document_sha256: "6b".repeat(32) },
    kind: "live",
  };

  it.each(Object.keys(OTHER))("is not signed with another %s", (name) => {
    const { body, draft, id } = good("as it is");
    expect(() => checkDrafted(draft, id, { ...body, [name]: OTHER[name] ?? null })).toThrow(
      PackageBroken,
    );
  });

  it("is not signed with an answer that was not given, or without one that was", () => {
    const { body, draft, id } = good("answers to what norms ask");
    const { answers, ...without } = body;
    expect(() => checkDrafted(draft, id, without)).toThrow(/answers/);
    const more = { ...(answers as JsonObject), relevance: "Because." };
    expect(() => checkDrafted(draft, id, { ...body, answers: more })).toThrow(/answers/);
  });

  it("is not signed when it is no request at all", () => {
    const { draft, id } = good("as it is");
    expect(() => checkDrafted(draft, id, {})).toThrow(PackageBroken);
  });

  it("is signed by nobody but the officer it names", async () => {
    const { body, draft, id } = good("as it is");
    const request = checkDrafted(draft, id, body);
    const stranger = await newKey();
    expect(() => signRequest(request, body, stranger)).toThrow(StatementInvalid);
  });
});

describe("a case's one-time key", () => {
  it("is another each time", async () => {
    expect((await newKey()).recipient).not.toBe((await newKey()).recipient);
  });

  it("comes back out of its file", async () => {
    const key = await newKey();
    const file = await keyFileOf(key, null, NOW_US);
    const text = new TextDecoder().decode(file);
    expect(text.split("\n")[0]).toBe("# created: 2026-11-22T08:13:00Z");
    const back = await readKey(file, null);
    expect([back.recipient, back.identity()]).toEqual([key.recipient, key.identity()]);
  });

  it("comes back out of a sealed file with the passphrase alone", async () => {
    const key = await newKey();
    const file = await keyFileOf(key, "five words that are long", NOW_US);
    expect(needsPassphrase(file)).toBe(true);
    expect(new TextDecoder().decode(file)).not.toContain(key.identity());
    await expect(readKey(file, "five words that are wrong")).rejects.toThrow(KeyFileInvalid);
    expect((await readKey(file, "five words that are long")).identity()).toBe(key.identity());
  }, 60_000);
});

describe("the form", () => {
  const full: Asked = {
    ...NOTHING_ASKED,
    cameras: ["yard", "gate", "gate"],
    since: "2026-11-25T14:00",
    until: "2026-11-25T14:00:30",
    purpose: "accident",
    answers: { necessity: "Only the original shows it.", other: "not asked any more" },
    reference: " ESCC 17/2026 ",
    reason: "A cyclist was knocked down.",
    passphrase: "five words that are long",
    again: "five words that are long",
  };
  const LATER_US = (localUs("2026-11-25T15:00") ?? 0) + 2000 * DAY_US;
  const ask = (change: Partial<Asked>, hasPaper = true, questions = ["necessity"]) =>
    unready({ ...full, ...change }, hasPaper, questions, LONGEST, LATER_US);

  it("is ready when all is there", () => {
    expect(ask({})).toBe("");
    expect(ask({ unsealed: true, passphrase: "", again: "" })).toBe("");
    expect(ask({ authority: "emergency" }, false)).toBe("");
    expect(ask({ kind: "live", since: "", until: "", days: "" })).toBe("");
  });

  const WRONG: [string, Partial<Asked>][] = [
    ["no camera", { cameras: [] }],
    ["no beginning", { since: "" }],
    ["an end before the beginning", { until: "2026-11-25T13:59" }],
    ["an empty interval", { until: "2026-11-25T14:00" }],
    ["a time that is none", { since: "2026-13-45T14:00" }],
    ["an interval too long", { since: "2026-11-24T13:59:59" }],
    ["an end that lies ahead", { since: "2126-11-25T14:00", until: "2126-11-25T15:00" }],
    ["a year that no clock here reaches", { until: "3000-01-01T00:00" }],
    ["no purpose", { purpose: "" }],
    ["a question left open", { answers: { necessity: " \n" } }],
    ["no reference", { reference: "  " }],
    ["a short reason", { reason: "Because.      " }],
    ["no end", { days: "" }],
    ["an end that is no number", { days: "1e3" }],
    ["an end too far off", { days: "91" }],
    ["a short passphrase", { passphrase: "short", again: "short" }],
    ["two passphrases", { again: "five words that are longer" }],
    ["a live case of too long", { kind: "live", minutes: "61" }],
    ["a live case of no time", { kind: "live", minutes: "0" }],
  ];
  it.each(WRONG)("is not ready with %s", (_, change) => expect(ask(change)).not.toBe(""));

  it("is not ready without a paper", () => expect(ask({}, false)).toMatch(/paper/));

  it("becomes what is asked for", () => {
    const paper = utf8("a warrant");
    const draft = draftOf(full, paper, ["necessity"], "age1x", NOW_US, LONGEST);
    expect(draftDocument(draft)).toEqual({
      kind: "recorded",
      purpose: "accident",
      authority: {
        kind: "warrant",
        reference: "ESCC 17/2026",
        document_sha256: sha256Hex(paper),
      },
      cameras: ["gate", "yard"],
      since_us: localUs(full.since),
      until_us: (localUs(full.since) ?? 0) + 30_000_000,
      reason: full.reason,
      recipient: "age1x",
      expires_us: NOW_US + 14 * DAY_US,
      answers: { necessity: "Only the original shows it." },
    });
  });

  it("of a live case counts from now", () => {
    const draft = draftOf(
      { ...full, kind: "live", minutes: "20" },
      null,
      [],
      "age1x",
      NOW_US,
      LONGEST,
    );
    expect([draft.sinceUs, draft.untilUs, draft.expiresUs]).toEqual([
      NOW_US,
      NOW_US + 20 * MINUTE_US,
      NOW_US + 20 * MINUTE_US + DAY_US,
    ]);
  });

  it("asks for no longer than may be, by a server's clock that is a little behind", () => {
    const { expiresUs } = draftOf({ ...full, days: "90" }, null, [], "age1x", NOW_US, LONGEST);
    expect(expiresUs).toBeLessThan(NOW_US - 1_000_000 + 90 * DAY_US);
    expect(expiresUs).toBeGreaterThanOrEqual(NOW_US + 90 * DAY_US - MINUTE_US);
  });

  it("says where there is no purpose to choose", () => {
    expect(noPurpose(0, null)).toMatch(/cameras first/);
    expect(noPurpose(1, null)).toBe(noPurpose(1, 3));
    expect(noPurpose(2, 0)).toMatch(/None is open/);
  });

  it("takes times as this device has them", () => {
    expect(localUs("2026-11-25T14:00:05")).toBe(new Date(2026, 10, 25, 14, 0, 5).getTime() * 1000);
    expect(localUs("yesterday")).toBeNull();
  });
});

describe("a night on which clocks are changed", () => {
  const ask = (change: Partial<Asked>) =>
    unready(
      { ...NOTHING_ASKED, cameras: ["gate"], ...change },
      true,
      [],
      LONGEST,
      Date.UTC(2027, 0) * 1000,
    );
  afterEach(() => {
    vi.unstubAllEnvs();
  });

  it.each([
    ["Europe/Berlin", "2026-10-25T02:30", 2],
    ["Europe/Berlin", "2026-10-25T02:00", 2],
    ["Europe/Berlin", "2026-10-25T01:59:59", 1],
    ["Europe/Berlin", "2026-10-25T03:00", 1],
    ["Europe/Berlin", "2026-03-29T02:30", 0],
    ["Europe/Berlin", "2026-03-29T01:59:59", 1],
    ["Europe/Berlin", "2026-03-29T03:00", 1],
    ["America/New_York", "2026-11-01T01:30", 2],
    ["America/New_York", "2026-03-08T02:30", 0],
    ["Australia/Lord_Howe", "2026-04-05T01:45", 2],
    ["Australia/Lord_Howe", "2026-04-05T02:00", 1],
    ["Asia/Hong_Kong", "2026-10-25T02:30", 1],
  ])("in %s %s is shown %i times", (where, text, times) => {
    vi.stubEnv("TZ", where);
    expect(timesShown(text)).toBe(times);
  });

  it("is asked for in UTC, where the clock of this device does not tell which hour", () => {
    vi.stubEnv("TZ", "Europe/Berlin");
    const twice = { since: "2026-10-25T02:30", until: "2026-10-25T02:45" };
    expect(ask(twice)).toMatch(/comes twice/);
    expect(ask({ since: "2026-03-29T02:30", until: "2026-03-29T03:00" })).toMatch(/does not come/);
    expect(ask({ ...twice, utc: true })).toBe("Choose a purpose.");
    const asked = { ...NOTHING_ASKED, ...twice, utc: true };
    const { sinceUs } = draftOf(asked, null, [], "age1x", NOW_US, LONGEST);
    expect(sinceUs).toBe(Date.UTC(2026, 9, 25, 2, 30) * 1000);
  });
});
