import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import REQUESTS from "../../tests/conformance/cases/requests.json";
import type { Viewing } from "../src/cases/api";
import { liveOriginalsOf } from "../src/cases/live";
import { seal } from "../src/vault/age";
import { sha256Hex, utf8 } from "../src/vault/bytes";
import { SealBroken } from "../src/vault/errors";
import type { JsonObject } from "../src/vault/fields";
import type { Key } from "../src/vault/keyfile";
import type { Segment } from "../src/vault/manifest";
import { newKey } from "../src/vault/newkey";
import type { CasePackage } from "../src/vault/package";
import { requestFromBody } from "../src/vault/request";

const VIEWING = "0".repeat(32);
const SEGMENT_US = 2_000_000;
const SECOND_MS = 1000;
const NEVER = new AbortController().signal;
const LIVE = requestFromBody(
  JSON.parse(REQUESTS.find(({ name }) => name === "live")?.body ?? "null") as JsonObject,
);
const [CAMERA = ""] = LIVE.cameras;
const asked = { request: LIVE } as CasePackage;

/** A recorder that seals to the case, and the server that hands it on. */
class Street {
  readonly sealed = new Map<number, Uint8Array<ArrayBuffer>>();
  readonly listed: object[] = [];
  away: false | "silent" | "breaking" | "starting" = false;
  ended = false;

  constructor(private readonly key: Key) {
    vi.stubGlobal("fetch", async (path: string) => {
      if (this.away === "silent") throw new TypeError("nobody there");
      if (this.away === "breaking") return new Response('{"viewing":');
      if (this.away === "starting") return new Response("", { status: 502 });
      if (this.ended) return Response.json({ detail: "This case is closed." }, { status: 409 });
      const segment = /\/sealed\/[a-z0-9-]+\/(\d+)$/.exec(path)?.[1];
      if (segment === undefined) return Response.json({ viewing: VIEWING, segments: this.listed });
      return new Response(this.sealed.get(Number(segment)) ?? null);
    });
  }

  async record(segment: number, change: Partial<Record<string, unknown>> = {}): Promise<void> {
    const sealed = new Uint8Array(await seal(this.key.recipient, utf8(`picture ${segment}`)));
    this.sealed.set(segment, sealed);
    const start_us = LIVE.sinceUs + segment * SEGMENT_US;
    this.listed.push({
      ...{ camera: CAMERA, epoch: 1, period: 1, segment, start_us, end_us: start_us + SEGMENT_US },
      ...{ size: sealed.length, sha256: sha256Hex(sealed), lost: false },
      ...change,
    });
  }

  viewing(): Viewing {
    const segments = this.listed.map((one) => {
      const { start_us, end_us, ...rest } = one as Record<string, unknown>;
      return { ...rest, startUs: start_us, endUs: end_us, plain: null } as Segment;
    });
    return { viewing: VIEWING, segments };
  }
}

let key: Key;
let street: Street;

function opened() {
  return liveOriginalsOf(asked, CAMERA, street.viewing(), key, () => Date.now() * 1000);
}

beforeEach(async () => {
  vi.useFakeTimers();
  vi.setSystemTime(LIVE.sinceUs / 1000);
  key = await newKey();
  street = new Street(key);
});

afterEach(() => {
  vi.unstubAllGlobals();
  vi.useRealTimers();
});

describe("a live opening", () => {
  it("begins with what happens now, and goes on with what comes", async () => {
    for (const segment of [0, 1, 2]) await street.record(segment);
    const found = opened();
    expect(found.beginUs).toBe(LIVE.sinceUs + 2 * SEGMENT_US);
    const more = found.follow?.(NEVER);
    await vi.advanceTimersByTimeAsync(2 * SECOND_MS);
    await street.record(3);
    await vi.advanceTimersByTimeAsync(2 * SECOND_MS);
    expect(await more).toBe(true);
    expect(found.segments.map(({ segment }) => segment)).toEqual([0, 1, 2, 3]);
    const [, , , last] = found.segments as Segment[];
    expect(await found.open(last as Segment, NEVER)).toEqual(utf8("picture 3"));
    expect(found.findings.map(({ sentence }) => sentence).join()).toContain("proved by the manif");
  });

  it("waits for the first picture", async () => {
    const found = opened();
    expect([found.segments.length, found.originUs]).toEqual([0, LIVE.sinceUs]);
    const more = found.follow?.(NEVER);
    await street.record(0);
    await vi.advanceTimersByTimeAsync(2 * SECOND_MS);
    expect(await more).toBe(true);
  });

  it.each(["silent", "breaking", "starting"] as const)(
    "loses nothing while the server is away: %s",
    async (how) => {
      const found = opened();
      street.away = how;
      const more = found.follow?.(NEVER);
      await vi.advanceTimersByTimeAsync(60 * SECOND_MS);
      await street.record(0);
      street.away = false;
      await vi.advanceTimersByTimeAsync(2 * SECOND_MS);
      expect(await more).toBe(true);
    },
  );

  it.each(["silent", "starting"] as const)(
    "asks again for a picture that did not come: %s",
    async (how) => {
      await street.record(0);
      const found = opened();
      street.away = how;
      const [first] = found.segments as [Segment];
      const picture = found.open(first, NEVER);
      await vi.advanceTimersByTimeAsync(10 * SECOND_MS);
      street.away = false;
      await vi.advanceTimersByTimeAsync(2 * SECOND_MS);
      expect(await picture).toEqual(utf8("picture 0"));
    },
  );

  it("ends with its window, when the last segments have had time to come", async () => {
    const found = opened();
    const more = found.follow?.(NEVER);
    await vi.advanceTimersByTimeAsync((LIVE.untilUs - LIVE.sinceUs) / 1000 + 25 * SECOND_MS);
    expect(await more).toBe(false);
    await street.record(0);
    expect(opened().beginUs).toBe(LIVE.sinceUs); // afterwards from the beginning
  });

  it("ends when the case does, and says so", async () => {
    const more = opened().follow?.(NEVER) ?? Promise.resolve(false);
    const said = expect(more).rejects.toThrow("This case is closed.");
    street.ended = true;
    await vi.advanceTimersByTimeAsync(2 * SECOND_MS);
    await said;
  });

  it("stops asking when nobody looks any more", async () => {
    const looks = new AbortController();
    const more = opened().follow?.(looks.signal) ?? Promise.resolve(true);
    const said = expect(more).rejects.toThrow();
    looks.abort();
    await said;
    expect(vi.getTimerCount()).toBe(0);
  });

  it("shows neither another camera's, nor what lies outside the window, nor what was lost", async () => {
    const untilUs = LIVE.untilUs;
    await street.record(0, { camera: "another" });
    await street.record(1, { lost: true });
    await street.record(2, { start_us: untilUs, end_us: untilUs + SEGMENT_US });
    await street.record(3, { start_us: LIVE.sinceUs - 2, end_us: LIVE.sinceUs });
    expect(opened().segments).toEqual([]);
  });

  it("opens nothing that was changed, or sealed to somebody else", async () => {
    await street.record(0);
    const other = await seal((await newKey()).recipient, utf8("picture 1"));
    await street.record(1, { size: other.length, sha256: sha256Hex(other) });
    street.sealed.set(1, new Uint8Array(other));
    street.sealed.get(0)?.set([0], 40);
    const found = opened();
    for (const segment of found.segments) {
      await expect(found.open(segment, NEVER)).rejects.toThrow(SealBroken);
    }
    expect(found.segments).toHaveLength(2);
  });
});
