// The period manifest: what a closed period holds, in order, and nothing else.

import { fromHex, type Json, toHex } from "../ledger/merkle";
import { digest, sha256Hex } from "./bytes";
import { Malformed, reading, SealBroken } from "./errors";
import { canonicalBytes, Fields, type JsonObject, load } from "./fields";

const NAMES = [
  ...["format", "document_sha256", "camera", "epoch", "period", "opened_us"],
  ...["closed_us", "closed_by", "records", "lost", "chain_head"],
];
const RECORD = ["side", "segment", "start_us", "end_us", "key", "size", "sha256"];

export type SegmentRecord = {
  side: "sealed" | "masked";
  segment: number;
  startUs: number;
  endUs: number;
  key: string;
  size: number;
  sha256: string;
  lost: boolean;
  value: JsonObject;
};

/** One sealed segment; `plain` is what its inside is known to be, null where only the server says. */
export type Segment = {
  camera: string;
  epoch: number;
  period: number;
  segment: number;
  startUs: number;
  endUs: number;
  size: number;
  sha256: string;
  lost: boolean;
  plain: {
    size: number;
    sha256: string;
    container: string;
    codec: string;
    sound?: boolean;
  } | null;
};

export type Manifest = {
  documentSha256: string;
  camera: string;
  epoch: number;
  period: number;
  records: readonly SegmentRecord[];
};

/** The head before the first record, in hexadecimal. */
export function chainStart(documentSha256: string): string {
  return sha256Hex("scrim/chain/v1\n", documentSha256);
}

/** The head after `record`, in hexadecimal. */
export function chainNext(head: string, record: JsonObject): string {
  return toHex(digest(fromHex(head), digest(canonicalBytes(record))));
}

/** Reads a manifest and recomputes its chain; `sha256` is the hash that the ledger names. */
export function readManifest(data: Uint8Array, sha256?: string): Manifest {
  return reading(
    () => {
      if (sha256 !== undefined && sha256Hex(data) !== sha256) {
        throw new Malformed("its SHA-256 is not the one in the ledger");
      }
      return read(data);
    },
    (reason) =>
      new SealBroken(
        `This is not a period manifest as it was written: ${reason}.`,
        "Take it from a copy of the data folder; the ledger holds its SHA-256.",
      ),
  );
}

function read(data: Uint8Array): Manifest {
  const fields = new Fields(load(data), NAMES);
  fields.isExactly("format", "scrim-manifest-v1");
  const documentSha256 = fields.sha256("document_sha256");
  const items = fields.items("records");
  const lost = lostOf(fields.items("lost"), items.length);
  const records = items.map((item, at) => record(item, lost.has(at)));
  const head = items.reduce<string>(
    (before, item) => chainNext(before, item as JsonObject),
    chainStart(documentSha256),
  );
  if (head !== fields.sha256("chain_head")) {
    throw new Malformed("its records do not lead to its chain head");
  }
  for (const name of ["opened_us", "closed_us"]) fields.number(name);
  fields.name("closed_by");
  return {
    documentSha256,
    camera: fields.name("camera"),
    epoch: fields.number("epoch"),
    period: fields.number("period"),
    records,
  };
}

function lostOf(items: Json[], count: number): ReadonlySet<number> {
  items.forEach((item, at) => {
    const before = at === 0 ? -1 : (items[at - 1] as number);
    if (!Number.isSafeInteger(item) || (item as number) <= before || (item as number) >= count) {
      throw new Malformed("lost is not a list of records' numbers, ascending, each once");
    }
  });
  return new Set(items as number[]);
}

function record(item: Json, lost: boolean): SegmentRecord {
  const fields = new Fields(item, RECORD, true);
  return {
    side: fields.oneOf("side", "sealed", "masked"),
    segment: fields.number("segment"),
    startUs: fields.number("start_us"),
    endUs: fields.number("end_us"),
    key: fields.text("key"),
    size: fields.number("size"),
    sha256: fields.sha256("sha256"),
    lost,
    value: fields.value,
  };
}

/** The sealed segments of a closed period that overlap the interval, each in its place. */
export function segmentsOf(manifest: Manifest, sinceUs: number, untilUs: number): Segment[] {
  return reading(
    () => {
      const sealed = manifest.records.filter(({ side }) => side === "sealed");
      sealed.forEach(({ segment }, at) => {
        if (at > 0 && segment <= (sealed[at - 1] as SegmentRecord).segment) {
          throw new Malformed(`segment ${segment} is out of order`);
        }
      });
      return sealed
        .map((found) => placed(manifest, found))
        .filter(({ startUs, endUs }) => overlaps(startUs, endUs, sinceUs, untilUs));
    },
    (reason) =>
      new SealBroken(
        `A record of the manifest cannot be used: ${reason}.`,
        "Report it to the auditor; `scrim verify` on the recorder's folder says more.",
      ),
  );
}

/** Whether a segment touches the half-open interval; one of no length is a moment. */
export function overlaps(startUs: number, endUs: number, sinceUs: number, untilUs: number) {
  return startUs < untilUs && Math.max(endUs, startUs + 1) > sinceUs;
}

function placed({ camera, epoch, period }: Manifest, record: SegmentRecord): Segment {
  const { segment, startUs, endUs, key, size, sha256, lost, value } = record;
  const fields = new Fields(value, ["plain_size", "plain_sha256", "container"], true);
  const place = [camera, padded(epoch, 6), padded(period, 6), padded(segment, 10)].join("/");
  if (key !== `sealed/${place}.age`) {
    throw new Malformed(`segment ${segment} is said to lie at another place`);
  }
  if (endUs < startUs) throw new Malformed(`segment ${segment} ends before it begins`);
  const plain = {
    size: fields.number("plain_size"),
    sha256: fields.sha256("plain_sha256"),
    container: fields.name("container"),
    codec: typeof value.codec === "string" ? value.codec : "",
    sound: value.sound !== undefined,
  };
  return { camera, epoch, period, segment, startUs, endUs, size, sha256, lost, plain };
}

function padded(number: number, digits: number): string {
  return String(number).padStart(digits, "0");
}
