import { describe, expect, it } from "vitest";
import { codecOf, withoutSound } from "../src/cases/mp4";
import { concat, sha256Hex, utf8 } from "../src/vault/bytes";
import { SealBroken } from "../src/vault/errors";
import { readManifest, type Segment, segmentsOf } from "../src/vault/manifest";
import { openSegment } from "../src/vault/segment";
import { CASE, segment } from "./vectors";

const INTERVAL = [0, 2 ** 52] as const;
const PROVEN = segmentsOf(readManifest(utf8(CASE.manifest)), ...INTERVAL);
const IDENTITY = CASE.identities["gate/2/5"];

function first(): Segment {
  const [found] = PROVEN;
  if (found === undefined) throw new Error("the manifest has no segment");
  return found;
}

/** The bytes in small pieces, as a network brings them. */
function stream(bytes: Uint8Array): ReadableStream<Uint8Array> {
  return new ReadableStream({
    start(controller) {
      for (let at = 0; at < bytes.length; at += 50) controller.enqueue(bytes.slice(at, at + 50));
      controller.close();
    },
  });
}

const flipped = (bytes: Uint8Array, at: number) =>
  bytes.map((byte, i) => (i === at ? byte ^ 1 : byte));

describe("a sealed segment", () => {
  it("opens to what the camera sent", async () => {
    const { sealed, plain } = segment(0);
    expect(await openSegment(first(), IDENTITY, stream(sealed))).toEqual(plain);
  });

  it("opens without its manifest too, while the period is open", async () => {
    const { sealed, plain, listed } = segment(2);
    const named = { ...listed, startUs: listed.start_us, endUs: listed.end_us, plain: null };
    const identity = CASE.identities["gate/2/6"];
    expect(await openSegment(named, identity, stream(sealed))).toEqual(plain);
  });

  it.each([
    ["cut", (sealed: Uint8Array) => sealed.slice(0, -1), /it was cut: \d+ of \d+ bytes came/],
    ["nothing", () => new Uint8Array(), /it was cut: 0 of/],
    ["prolonged", (sealed: Uint8Array) => concat(sealed, utf8("x")), /more than its/],
    [
      "changed in its last byte",
      (sealed: Uint8Array) => flipped(sealed, sealed.length - 1),
      /changed/,
    ],
    ["changed in its header", (sealed: Uint8Array) => flipped(sealed, 30), /changed/],
    ["exchanged for the next one", () => segment(1).sealed, /changed/],
  ])("is refused and named when %s", async (_, alter, says) => {
    const found = openSegment(first(), IDENTITY, stream(alter(segment(0).sealed)));
    await expect(found).rejects.toThrow(SealBroken);
    await expect(openSegment(first(), IDENTITY, stream(alter(segment(0).sealed)))).rejects.toThrow(
      says,
    );
    await expect(openSegment(first(), IDENTITY, stream(alter(segment(0).sealed)))).rejects.toThrow(
      /segment 0 of camera gate/,
    );
  });

  it("is refused with the identity of another period", async () => {
    const other = CASE.identities["gate/2/6"];
    await expect(openSegment(first(), other, stream(segment(0).sealed))).rejects.toThrow(
      SealBroken,
    );
  });

  it("is refused where a server's list says that it is larger than memory", async () => {
    const huge = { ...first(), size: 2 ** 50, plain: null };
    const found = openSegment(huge, IDENTITY, stream(segment(0).sealed));
    await expect(found).rejects.toThrow(/larger than any segment/);
  });

  it("is refused where its inside is not what the manifest says", async () => {
    const plain = { size: 3, sha256: sha256Hex("two"), container: "mp4", codec: "h264" };
    const wrong = openSegment({ ...first(), plain }, IDENTITY, stream(segment(0).sealed));
    await expect(wrong).rejects.toThrow(/inside/);
  });
});

function box(type: string, ...inside: (Uint8Array | number[])[]): Uint8Array {
  const body = concat(...inside.map((part) => Uint8Array.from(part)));
  const head = new DataView(new ArrayBuffer(8));
  head.setUint32(0, 8 + body.length);
  for (const [at, character] of [...type].entries()) {
    head.setUint8(4 + at, character.charCodeAt(0));
  }
  return concat(new Uint8Array(head.buffer), body);
}

function movie(entry: string, settings: string, bytes: number[]): Uint8Array {
  const sample = box(entry, new Uint8Array(78), box(settings, bytes));
  const table = box("stsd", [0, 0, 0, 0, 0, 0, 0, 1], sample);
  const track = box("trak", box("tkhd", [0]), box("mdia", box("minf", box("stbl", table))));
  return concat(box("ftyp", utf8("isom")), box("moov", box("mvhd", [0]), track), box("mdat", [1]));
}

describe("the codec of a file", () => {
  it.each([
    ["avc1", "avcC", [1, 0x64, 0x00, 0x1f], "avc1.64001f"],
    ["avc3", "avcC", [1, 0x42, 0xe0, 0x0a], "avc3.42e00a"],
    ["hvc1", "hvcC", [1, 0x01, 0x60, 0, 0, 0, 0x90, 0, 0, 0, 0, 0, 93], "hvc1.1.6.L93.90"],
    ["hev1", "hvcC", [1, 0x22, 0x20, 0, 0, 0, 0xb0, 0, 0, 0, 0, 0, 150], "hev1.2.4.H150.b0"],
    ["av01", "av1C", [0x81, 0x04, 0x0c], "av01.0.04M.08"],
    ["vp09", "vpcC", [1, 0, 0, 0, 0, 31, 0x82], "vp09.00.31.08"],
  ])("%s is named as players want it", (entry, settings, bytes, wanted) => {
    expect(codecOf(movie(entry, settings, bytes))).toBe(wanted);
  });

  it("is unknown where no player would know it", () => {
    expect(codecOf(movie("mp4v", "esds", [0]))).toBeNull();
    expect(codecOf(movie("avc1", "free", [0]))).toBeNull();
    expect(codecOf(movie("hev1", "hvcC", [1, 2]))).toBeNull();
    expect(codecOf(utf8("nut/multimedia container"))).toBeNull();
    expect(codecOf(new Uint8Array())).toBeNull();
    expect(codecOf(movie("avc1", "avcC", [1, 0x64, 0x00, 0x1f]).slice(0, 60))).toBeNull();
  });
});

describe("a file without its sound", () => {
  const track = (number: number, handler: string) =>
    box(
      "trak",
      box("tkhd", [0, 0, 0, 0, ...Array(8).fill(0), 0, 0, 0, number]),
      box("mdia", box("hdlr", Array(8).fill(0), utf8(handler))),
    );
  const fragment = (number: number) => box("traf", box("tfhd", [0, 0, 0, 0, 0, 0, 0, number]));
  const extended = (number: number) => box("trex", [0, 0, 0, 0, 0, 0, 0, number]);
  const heard = Uint8Array.of(
    ...box("moov", track(1, "vide"), track(2, "soun"), box("mvex", extended(1), extended(2))),
    ...box("moof", box("mfhd", [0]), fragment(1), fragment(2)),
    ...box("mdat", utf8("traf trak trex")),
  );
  const count = (file: Uint8Array, type: string) =>
    [...new TextDecoder("latin1").decode(file).matchAll(new RegExp(type, "g"))].length;

  it("keeps its length, its pictures and what is inside", () => {
    const mute = withoutSound(heard);
    expect(mute.length).toBe(heard.length);
    for (const type of ["trak", "traf", "trex"]) {
      expect(count(heard, type)).toBe(3); // two, and the word in the data
      expect(count(mute, type)).toBe(2);
    }
    expect(count(mute, "free")).toBe(3);
    expect(count(mute, "vide")).toBe(1);
  });

  it("is the file itself where there is none", () => {
    const mute = Uint8Array.from(box("moov", track(1, "vide")));
    expect(withoutSound(mute)).toBe(mute);
    expect(withoutSound(Uint8Array.of(1, 2)).length).toBe(2);
  });
});
