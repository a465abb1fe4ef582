// What a browser must be told of a fragmented MP4 before it plays it: the codec, as RFC 6381 names it.

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
