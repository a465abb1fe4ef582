// A custodian's part, then the period's identity. A part is checked against the period document
// before it is used; the period's public recipient is the last check.

import { open } from "./age";
import { identityText, recipientOf, secretOf } from "./agekeys";
import { same } from "./bytes";
import { faultOf, type PeriodDocument } from "./document";
import { PartInvalid, PartsTooFew, reading, SealBroken } from "./errors";
import { type Part, readPart } from "./part";
import { join } from "./sharing";

/** A custodian opens their part of a period, as it stands in the document. */
export async function openPart(
  sealed: Uint8Array,
  identity: string,
  document: PeriodDocument,
): Promise<Part> {
  const mine = recipientOf(secretOf(identity));
  const holder = document.custodians.find(({ recipient }) => recipient === mine);
  if (holder === undefined) {
    throw new SealBroken(
      "This identity holds no part of this period.",
      "Use the identity whose public recipient stands in the period document.",
    );
  }
  const other = document.custodians.find(({ part }) => same(part, sealed));
  if (other !== undefined && other !== holder) {
    throw new PartInvalid(holder.id, `this is the part of custodian ${other.id}`);
  }
  const plaintext = await open(identity, sealed);
  return checkedPart(plaintext, holder.id, document);
}

/** An opened part, held against the document and the custodian it has to be of. */
export function checkedPart(
  plaintext: Uint8Array | null,
  custodian: string,
  document: PeriodDocument,
): Part {
  if (plaintext === null) {
    throw new PartInvalid(custodian, "it is damaged, or was not sealed to this key");
  }
  const part = reading(
    () => readPart(plaintext),
    (reason) => new PartInvalid(custodian, reason),
  );
  if (part.custodian !== custodian) {
    throw new PartInvalid(custodian, `inside it says that it is for custodian ${part.custodian}`);
  }
  const fault = faultOf(document, part);
  if (fault !== null) throw new PartInvalid(custodian, fault);
  return part;
}

/** The period's identity, `AGE-SECRET-KEY-1…`, from the parts of k custodians. */
export function combine(document: PeriodDocument, parts: readonly Part[]): string {
  const pieces = new Map<number, Uint8Array>();
  for (const part of parts) {
    const fault = faultOf(document, part);
    if (fault !== null) throw new PartInvalid(part.custodian, fault);
    for (const [number, piece] of part.pieces) pieces.set(number, piece);
  }
  const n = document.custodians.length;
  const present = new Set(parts.map(({ custodian }) => custodian)).size;
  if (present < document.k) {
    throw new PartsTooFew(
      `${present} of the ${document.k} parts needed are here.`,
      `Ask ${document.k - present} more of the ${n} custodians.`,
    );
  }
  const secret = join(n, document.k, pieces);
  if (recipientOf(secret) !== document.recipient) {
    throw new SealBroken(
      "The pieces are those of the document, but its recipient has another secret.",
      "The document was not written by a sound recorder; compare it with the ledger.",
    );
  }
  return identityText(secret);
}
