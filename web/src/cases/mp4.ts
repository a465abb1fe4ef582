// What a browser must be told of a fragmented MP4 before it plays it: the codec, as RFC 6381 names
// it. And the sound taken out of one, which a muted player has no use for and may not know.

type Box = { type: string; start: number; end: number };

/** Where the boxes inside a sample description begin, after the fields of a picture. */
const VISUAL_ENTRY = 78;
const PATH = ["moov", "trak", "mdia", "minf", "stbl", "stsd"];

/** `avc1.64001f` and the like; null where it is no codec that a browser's player may know. */
export function codecOf(file: Uint8Array): string | null {
  const view = new DataView(file.buffer, file.byteOffset, file.byteLength);
  let box: Box | undefined = { type: "", start: 0, end: file.length };
  for (const type of PATH) {
    if (box === undefined) return null;
    box = boxes(view, box.start, box.end).find((found) => found.type === type);
  }
  if (box === undefined) return null;
  const [entry] = boxes(view, box.start + 8, box.end); // version, flags, count
  if (entry === undefined) return null;
  const inside = boxes(view, entry.start + VISUAL_ENTRY, entry.end);
  const of = (type: string) => inside.find((found) => found.type === type);
  switch (entry.type) {
    case "avc1":
    case "avc3":
      return named(entry, of("avcC"), 4, (at) => avc(view, at));
    case "hvc1":
    case "hev1":
      return named(entry, of("hvcC"), 13, (at) => hevc(view, at));
    case "av01":
      return named(entry, of("av1C"), 3, (at) => av1(view, at));
    case "vp09":
      return named(entry, of("vpcC"), 7, (at) => vp9(view, at));
    default:
      return null;
  }
}

/**
 * The same bytes with every sound track's boxes renamed to `free`, which players skip: no offset
 * moves. G.711, which most cameras send, is no codec that a browser knows.
 */
export function withoutSound(file: Uint8Array<ArrayBuffer>): Uint8Array<ArrayBuffer> {
  const view = new DataView(file.buffer, file.byteOffset, file.byteLength);
  const movie = boxes(view, 0, file.length).find(({ type }) => type === "moov");
  if (movie === undefined) return file;
  const inMovie = boxes(view, movie.start, movie.end);
  const heard = inMovie.filter((box) => box.type === "trak" && isSound(view, box));
  if (heard.length === 0) return file;
  const tracks = new Set(heard.map((box) => trackOf(view, box)));
  const mute = file.slice();
  const blot = ({ start }: Box) => mute.set(FREE, start - 4);
  heard.forEach(blot);
  const ofSound = (box: Box, at: number) => tracks.has(view.getUint32(at)) && blot(box);
  for (const extends_ of inMovie.filter(({ type }) => type === "mvex")) {
    for (const box of boxes(view, extends_.start, extends_.end)) {
      if (box.type === "trex") ofSound(box, box.start + 4);
    }
  }
  for (const fragment of boxes(view, 0, file.length).filter(({ type }) => type === "moof")) {
    for (const box of boxes(view, fragment.start, fragment.end)) {
      const [header] = box.type === "traf" ? boxes(view, box.start, box.end) : [];
      if (header?.type === "tfhd") ofSound(box, header.start + 4);
    }
  }
  return mute;
}

const FREE = [..."free"].map((letter) => letter.charCodeAt(0));

function isSound(view: DataView, track: Box): boolean {
  const media = boxes(view, track.start, track.end).find(({ type }) => type === "mdia");
  if (media === undefined) return false;
  const handler = boxes(view, media.start, media.end).find(({ type }) => type === "hdlr");
  return handler !== undefined && view.getUint32(handler.start + 8) === SOUND;
}

/** `soun`, the handler type of ISO/IEC 14496-12, 12.2. */
const SOUND = 0x736f756e;

function trackOf(view: DataView, track: Box): number {
  const header = boxes(view, track.start, track.end).find(({ type }) => type === "tkhd");
  if (header === undefined) return -1;
  const times = view.getUint8(header.start) === 1 ? 16 : 8; // 64-bit ones in version 1
  return view.getUint32(header.start + 4 + times);
}

function named(
  entry: Box,
  settings: Box | undefined,
  least: number,
  words: (at: number) => string,
): string | null {
  return settings === undefined || settings.end - settings.start < least
    ? null
    : `${entry.type}.${words(settings.start)}`;
}

function* walk(view: DataView, start: number, end: number): Generator<Box> {
  let at = start;
  while (at + 8 <= end) {
    const size = view.getUint32(at);
    const type = String.fromCharCode(...[4, 5, 6, 7].map((offset) => view.getUint8(at + offset)));
    if (size < 8 || at + size > end) return; // 0 and 1 are for boxes that no header has
    yield { type, start: at + 8, end: at + size };
    at += size;
  }
}

function boxes(view: DataView, start: number, end: number): Box[] {
  return [...walk(view, start, end)];
}

function hex(value: number, digits = 2): string {
  return value.toString(16).padStart(digits, "0");
}

function two(value: number): string {
  return String(value).padStart(2, "0");
}

function avc(view: DataView, at: number): string {
  return [1, 2, 3].map((offset) => hex(view.getUint8(at + offset))).join("");
}

/** ISO/IEC 14496-15, annex E.3. */
function hevc(view: DataView, at: number): string {
  const profile = view.getUint8(at + 1);
  const space = ["", "A", "B", "C"][profile >> 6] ?? "";
  let compatible = 0;
  for (let bit = 0, flags = view.getUint32(at + 2); bit < 32; bit++, flags >>>= 1) {
    compatible = ((compatible << 1) | (flags & 1)) >>> 0;
  }
  const constraints = [6, 7, 8, 9, 10, 11].map((offset) => view.getUint8(at + offset));
  while (constraints.at(-1) === 0) constraints.pop();
  const tier = (profile >> 5) & 1 ? "H" : "L";
  return [
    `${space}${profile & 31}`,
    compatible.toString(16),
    `${tier}${view.getUint8(at + 12)}`,
    ...constraints.map((value) => value.toString(16)),
  ].join(".");
}

/** AV1 Codec ISO Media File Format Binding, section 5. */
function av1(view: DataView, at: number): string {
  const level = view.getUint8(at + 1);
  const flags = view.getUint8(at + 2);
  const depth = flags & 0x40 ? (level >> 5 === 2 && flags & 0x20 ? 12 : 10) : 8;
  return `${level >> 5}.${two(level & 31)}${flags & 0x80 ? "H" : "M"}.${two(depth)}`;
}

/** VP Codec ISO Media File Format Binding. */
function vp9(view: DataView, at: number): string {
  const [profile, level, depth] = [
    view.getUint8(at + 4),
    view.getUint8(at + 5),
    view.getUint8(at + 6),
  ];
  return `${two(profile)}.${two(level)}.${two(depth >> 4)}`;
}
