// A custodian's part of a period's secret, as it stands inside its seal.

import { fromHex, toHex } from "../ledger/merkle";
import { sha256Hex } from "./bytes";
import { Malformed } from "./errors";
import { canonicalBytes, Fields, isSha256, load } from "./fields";

const FORMAT = "scrim-part-v1";
const NAMES = ["format", "camera", "epoch", "period", "recipient", "custodian", "pieces"];

export type Part = {
  camera: string;
  epoch: number;
  period: number;
  recipient: string;
  custodian: string;
  pieces: ReadonlyMap<number, Uint8Array>;
};

export function commitment(piece: Uint8Array): string {
  return sha256Hex("scrim/piece/v1\n", piece);
}

/** What is sealed to the custodian. */
export function partBytes(part: Part): Uint8Array {
  const { camera, epoch, period, recipient, custodian } = part;
  const pieces = Object.fromEntries([...part.pieces].map(([at, piece]) => [at, toHex(piece)]));
  return canonicalBytes({ format: FORMAT, camera, epoch, period, recipient, custodian, pieces });
}

/** Reads an opened part; what it throws holds nothing of the pieces. */
export function readPart(plaintext: Uint8Array): Part {
  const fields = new Fields(load(plaintext), NAMES);
  fields.isExactly("format", FORMAT);
  const pieces = new Map<number, Uint8Array>();
  for (const [number, text] of Object.entries(fields.mapping("pieces"))) {
    if (!/^(0|[1-9][0-9]{0,3})$/.test(number)) {
      throw new Malformed("a piece's number is not a number");
    }
    if (!isSha256(text)) throw new Malformed("a piece is not 64 hexadecimal digits in lower case");
    pieces.set(Number(number), fromHex(text));
  }
  return {
    camera: fields.name("camera"),
    epoch: fields.number("epoch"),
    period: fields.number("period"),
    recipient: fields.text("recipient"),
    custodian: fields.name("custodian"),
    pieces,
  };
}
