import { afterEach, describe, expect, it, vi } from "vitest";
import type { Viewing } from "../src/cases/api";
import { originalsOf } from "../src/cases/originals";
import { utf8 } from "../src/vault/bytes";
import { SealBroken } from "../src/vault/errors";
import type { Segment } from "../src/vault/manifest";
import { CASE, keyOf, packageWith, segment } from "./vectors";

const VIEWING = "0".repeat(32);
const NEVER = new AbortController().signal;
const { answers } = JSON.parse(CASE.package) as { answers: unknown };

type Listed = (typeof CASE.segments)[number]["listed"];

function viewing(alter: (listed: Listed) => Listed | null = (listed) => listed): Viewing {
  const segments = CASE.segments.flatMap(({ listed }) => {
    const said = alter({ ...listed });
    if (said === null) return [];
    const { start_us, end_us, ...rest } = said;
    return [{ ...rest, startUs: start_us, endUs: end_us, plain: null }];
  });
  return { viewing: VIEWING, segments };
}

/** A server that has the manifest and the sealed segments of the vectors, or others in their place. */
function serve(others: Record<string, Uint8Array> = {}): string[] {
  const asked: string[] = [];
  vi.stubGlobal("fetch", async (path: string) => {
    asked.push(path);
    const own: Record<string, Uint8Array> = {
      [`/api/viewings/${VIEWING}/periods/gate/2/5/manifest`]: utf8(CASE.manifest),
    };
    for (const at of CASE.segments.keys()) {
      own[`/api/viewings/${VIEWING}/sealed/gate/${at}`] = segment(at).sealed;
    }
    const found = { ...own, ...others }[path];
    if (found === undefined) {
      return Response.json({ detail: "It is gone.", remedy: "" }, { status: 404 });
    }
    return new Response(new Uint8Array(found));
  });
  return asked;
}

afterEach(() => vi.unstubAllGlobals());

async function opened(seen: Viewing, given: unknown = answers) {
  const asked = await packageWith({ answers: given });
  return originalsOf(asked, "gate", seen, await keyOf(CASE.once));
}

function sentences(found: { findings: readonly { sentence: string }[] }): string {
  return found.findings.map(({ sentence }) => sentence).join("\n");
}

describe("originals", () => {
  it("are those of the manifest, and those of the list while a period is open", async () => {
    serve();
    const found = await opened(viewing());
    expect(found.segments.map((one: Segment) => one.segment)).toEqual([0, 1, 2, 3]);
    for (const [at, one] of found.segments.entries()) {
      expect(await found.open(one, NEVER)).toEqual(segment(at).plain);
    }
    expect(sentences(found)).toMatch(/^The period 6 of epoch 2 is not closed yet/);
    expect(found.findings).toHaveLength(1);
  });

  it("are not those that a server's list says, where there is a manifest", async () => {
    serve();
    const less = await opened(viewing((one) => (one.segment === 1 ? null : one)));
    expect(less.segments.map((one) => one.segment)).toEqual([0, 1, 2, 3]);
    expect(sentences(less)).toContain("left segment 1 of camera gate out");
    const moved = viewing((one) => (one.segment === 0 ? { ...one, end_us: one.end_us + 1 } : one));
    expect(sentences(await opened(moved))).toContain("moves segment 0 of camera gate in time");
    const other = viewing((one) =>
      one.segment === 0 ? { ...one, sha256: segment(1).listed.sha256 } : one,
    );
    expect(sentences(await opened(other))).toContain("another object for segment 0");
    const more = viewing();
    more.segments.push({ ...(more.segments[0] as Segment), segment: 9 });
    expect(sentences(await opened(more))).toContain("the manifest does not know it");
  });

  it("exchanged, cut or gone are named, and the others open", async () => {
    serve({ [`/api/viewings/${VIEWING}/sealed/gate/0`]: segment(1).sealed });
    const swapped = await opened(viewing());
    const [first, second] = swapped.segments as [Segment, Segment];
    await expect(swapped.open(first, NEVER)).rejects.toThrow(/segment 0 of camera gate/);
    expect(await swapped.open(second, NEVER)).toEqual(segment(1).plain);
    serve({ [`/api/viewings/${VIEWING}/sealed/gate/1`]: segment(1).sealed.slice(0, 90) });
    await expect(swapped.open(second, NEVER)).rejects.toThrow(SealBroken);
  });

  it("of a period whose manifest is another are not shown", async () => {
    const manifest = `/api/viewings/${VIEWING}/periods/gate/2/5/manifest`;
    const asked = serve({ [manifest]: utf8(CASE.manifest.replace('"lost":[]', '"lost":[1]')) });
    const found = await opened(viewing());
    expect(found.segments.map((one) => one.segment)).toEqual([2, 3]);
    expect(sentences(found)).toMatch(/Nothing of period 5 of epoch 2 is shown/);
    expect(asked).toContain(manifest);
  });

  it("need k good parts, and the bad one is named", async () => {
    serve();
    const [fault] = CASE.bad_parts;
    const few = await opened(viewing(), fault?.too_few);
    expect(few.segments.map((one) => one.segment)).toEqual([2, 3]);
    expect(sentences(few)).toMatch(/Nothing of period 5 .*custodian court is not usable/);
    const enough = await opened(viewing(), fault?.enough);
    expect(enough.segments.map((one) => one.segment)).toEqual([0, 1, 2, 3]);
    expect(sentences(enough)).toContain("custodian court is not usable");
    const one = await opened(viewing(), [(answers as unknown[])[0]]);
    expect(one.segments).toEqual([]);
    expect(sentences(one)).toContain("1 of the 2 parts needed are here");
  });

  it("that were lost when they were recorded are said to be", async () => {
    serve();
    const lost = viewing((one) => (one.segment === 3 ? { ...one, lost: true } : one));
    const found = await opened(lost);
    expect(found.segments.map((one) => one.segment)).toEqual([0, 1, 2]);
    expect(sentences(found)).toContain("segment 3 of camera gate was never stored");
  });
});
