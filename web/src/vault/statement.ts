// A statement: a document and the signature of who says it. The signature is over the body alone,
// and the body names its own format, so that one kind of statement never passes for another.

import { canonical, type Json } from "../ledger/merkle";
import { concat, sha256Hex, toBase64, utf8 } from "./bytes";
import { Malformed, reading, StatementInvalid } from "./errors";
import { canonicalBytes, Fields, type JsonObject, load } from "./fields";
import { checkVerifier, holds, type Signer } from "./signing";

const FORMAT = "scrim-statement-v1";
const NAMES = ["format", "body", "verifier", "signature"];

/** A body and its signature, which holds. `sha256` is that of the body's canonical JSON. */
export type Statement = {
  readonly body: JsonObject;
  readonly verifier: string;
  readonly signature: Uint8Array;
  readonly sha256: string;
};

function message(body: JsonObject): Uint8Array {
  return concat(utf8("scrim/statement/v1\n"), canonicalBytes(body));
}

function invalid(reason: string): StatementInvalid {
  return new StatementInvalid(
    `This is not a statement as it was signed: ${reason}.`,
    "Get it again from who signed it; do not use this one.",
  );
}

export function signStatement(body: JsonObject, signer: Signer): Statement {
  const { verifier } = signer;
  return { body, verifier, signature: signer.sign(message(body)), sha256: bodySha256(body) };
}

export function bodySha256(body: JsonObject): string {
  return sha256Hex(canonical(body));
}

/** The statement as a JSON object. */
export function statementDocument({ body, verifier, signature }: Statement): JsonObject {
  return { format: FORMAT, body, verifier, signature: toBase64(signature) };
}

/** Reads a statement from canonical JSON and checks its signature. */
export function readStatement(data: Uint8Array): Statement {
  return fromDocument(reading(() => load(data), invalid));
}

/** The statement of a JSON object, its signature checked. */
export function fromDocument(value: Json | undefined): Statement {
  return reading(() => {
    const fields = new Fields(value, NAMES);
    fields.isExactly("format", FORMAT);
    const body = fields.mapping("body");
    if (typeof body.format !== "string") throw new Malformed("its body does not say what it is");
    const verifier = fields.text("verifier");
    const signature = fields.base64("signature");
    checkVerifier(verifier);
    if (!holds(verifier, message(body), signature)) {
      throw new Malformed("the signature is not over these words, or not by this key");
    }
    return { body, verifier, signature, sha256: bodySha256(body) };
  }, invalid);
}
