// A receipt: an entry of the ledger, and the proof that it is in the tree of a checkpoint.

import type { Checkpoint } from "../ledger/checkpoint";
import { type Json, leafHash, rootFrom, toHex } from "../ledger/merkle";
import { fromBase64 } from "./bytes";
import { Malformed } from "./errors";
import { Fields, type JsonObject, load } from "./fields";

const ENTRY = [
  ...["v", "at", "act", "op", "who", "authority", "reason"],
  ...["camera", "epoch", "since", "until", "facts"],
];

/** What is read of an entry here. */
export type Proved = {
  index: number;
  act: string;
  atUs: number;
  camera: Json;
  epoch: Json;
  facts: JsonObject;
};

/** The entry, once it is shown to be in the checkpoint's tree. */
export async function proved(value: Json | undefined, checkpoint: Checkpoint): Promise<Proved> {
  const fields = new Fields(value, ["index", "body", "proof"]);
  const index = fields.number("index");
  const body = fields.base64("body");
  const proof = fields.items("proof").map((step) => {
    const hash = typeof step === "string" ? fromBase64(step) : new Uint8Array();
    if (hash.length !== 32) throw new Malformed("a receipt's proof is not of hashes");
    return hash;
  });
  const root = await rootFrom(index, checkpoint.size, await leafHash(body), proof);
  if (root === null || toHex(root) !== checkpoint.root) {
    throw new Malformed(`entry ${index} is not in the ledger of the checkpoint`);
  }
  const entry = new Fields(load(body), ENTRY);
  return {
    index,
    act: entry.text("act"),
    atUs: entry.number("at"),
    camera: entry.value.camera ?? null,
    epoch: entry.value.epoch ?? null,
    facts: entry.mapping("facts"),
  };
}
