// The period document: everything about a period's key but the key. Whoever holds it can check
// and combine parts; it opens nothing.

import { checkPartRecipient, checkRecipient, fingerprint } from "./agekeys";
import { sha256Hex } from "./bytes";
import { Malformed, reading, SealBroken } from "./errors";
import { Fields, isSha256, load } from "./fields";
import { commitment, type Part } from "./part";
import { pieceCount, piecesHeld } from "./sharing";
import { cardFingerprint, checkVerifier } from "./signing";

const NAMES = [
  ...["format", "camera", "epoch", "period", "opened_us", "recipient"],
  ...["k", "custodians", "demo", "commitments"],
];
const MEMBER = ["id", "recipient", "fingerprint", "part"];

const WITH_VERIFIER = [...MEMBER, "verifier"];

/** A custodian; `verifier` is empty where the document does not say with what key they sign. */
export type Member = {
  id: string;
  recipient: string;
  verifier: string;
  fingerprint: string;
  part: Uint8Array;
};

export type PeriodDocument = {
  camera: string;
  epoch: number;
  period: number;
  openedUs: number;
  recipient: string;
  k: number;
  custodians: readonly Member[];
  demo: boolean;
  commitments: readonly string[];
  sha256: string;
};

/** Reads a period document; `sha256` is the hash that a request, the ledger or a manifest names. */
export function readDocument(data: Uint8Array, sha256?: string): PeriodDocument {
  return reading(
    () => {
      const found = sha256Hex(data);
      if (sha256 !== undefined && found !== sha256) {
        throw new Malformed("its SHA-256 is not the one on record");
      }
      return read(data, found);
    },
    (reason) =>
      new SealBroken(
        `This is not a period document as it was written: ${reason}.`,
        "Take it from a copy of the data folder; the ledger holds its SHA-256.",
      ),
  );
}

function read(data: Uint8Array, sha256: string): PeriodDocument {
  const fields = new Fields(load(data), NAMES);
  const signed = fields.oneOf("format", "scrim-period-v1", "scrim-period-v2").endsWith("2");
  const names = signed ? WITH_VERIFIER : MEMBER;
  const custodians = fields
    .items("custodians")
    .map((item) => member(new Fields(item, names), signed));
  const k = fields.number("k");
  for (const label of ["id", "recipient", "verifier"] as const) {
    const known = custodians.map((custodian) => custodian[label]).filter((value) => value !== "");
    if (new Set(known).size !== known.length) {
      throw new Malformed(`two custodians have one ${label}`);
    }
  }
  if (signed && custodians.every(({ verifier }) => verifier === "")) {
    throw new Malformed("nobody has a verifier");
  }
  const recipient = fields.text("recipient");
  checkRecipient(recipient);
  const commitments = fields.items("commitments").map((item) => {
    if (!isSha256(item)) {
      throw new Malformed("a commitment is not a SHA-256 in lower-case hexadecimal");
    }
    return item;
  });
  if (commitments.length !== pieceCount(custodians.length, k)) {
    throw new Malformed("there are not as many commitments as pieces");
  }
  return {
    camera: fields.name("camera"),
    epoch: fields.number("epoch"),
    period: fields.number("period"),
    openedUs: fields.number("opened_us"),
    recipient,
    k,
    custodians,
    demo: fields.truth("demo"),
    commitments,
    sha256,
  };
}

function member(fields: Fields, signed: boolean): Member {
  const recipient = fields.text("recipient");
  checkPartRecipient(recipient);
  const verifier = signed ? fields.text("verifier") : "";
  if (verifier !== "") checkVerifier(verifier);
  const read = verifier === "" ? fingerprint(recipient) : cardFingerprint(recipient, verifier);
  fields.isExactly("fingerprint", read);
  const id = fields.name("id");
  return { id, recipient, verifier, fingerprint: read, part: fields.base64("part") };
}

/** What is wrong with an opened part, or null if it is the right one. */
export function faultOf(document: PeriodDocument, part: Part): string | null {
  for (const label of ["camera", "epoch", "period", "recipient"] as const) {
    if (part[label] !== document[label]) {
      return `it was made for ${label} ${part[label]}, not ${document[label]}`;
    }
  }
  const place = document.custodians.findIndex(({ id }) => id === part.custodian);
  if (place < 0) return "no custodian of that name holds a part of this period";
  const held = piecesHeld(document.custodians.length, document.k, place);
  if (part.pieces.size !== held.length || !held.every((number) => part.pieces.has(number))) {
    return "it does not hold the pieces that this custodian was handed";
  }
  for (const [number, piece] of part.pieces) {
    if (commitment(piece) !== document.commitments[number]) {
      return `its piece ${number} is not the one that was handed out`;
    }
  }
  return null;
}
