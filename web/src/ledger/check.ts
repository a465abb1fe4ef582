// Checks one shown entry against the newest signed checkpoint, in the viewer's own browser.

import { answer, client, type LoggedEntry } from "../api/client";
import { fetchCheckpoint } from "../api/queries";
import { readCheckpoint } from "./checkpoint";
import { canonical, fromHex, type Json, leafHash, rootFrom, toHex } from "./merkle";

export type Verdict = {
  holds: boolean;
  sentence: string;
  leaf?: string;
  root?: string;
  size?: number;
  steps?: number;
};

function failed(sentence: string, more: Partial<Verdict> = {}): Verdict {
  return { holds: false, sentence, ...more };
}

/** Fetches checkpoint and proof, hashes the entry as it is shown, and works the root out. */
export async function check(entry: LoggedEntry): Promise<Verdict> {
  const checkpoint = readCheckpoint(await fetchCheckpoint());
  if (checkpoint === null) return failed("There is no readable checkpoint yet. Try again shortly.");
  const { size } = checkpoint;
  if (entry.index >= size) {
    return failed(
      `Entry ${entry.index} is newer than the newest checkpoint (${size} entries). Try again in a few seconds.`,
    );
  }
  const proof = await answer(
    client.GET("/api/ledger/proof", { params: { query: { index: entry.index, size } } }),
  );
  const body = new TextEncoder().encode(canonical(entry.body as Json));
  const leaf = await leafHash(body);
  const root = await rootFrom(entry.index, size, leaf, proof.hashes.map(fromHex));
  const found = { leaf: toHex(leaf), size, steps: proof.hashes.length };
  if (root === null) return failed("The proof has the wrong length for this entry.", found);
  const reached = toHex(root);
  if (reached !== checkpoint.root) {
    return failed("The entry is not in the ledger that was signed: the roots differ.", {
      ...found,
      root: reached,
    });
  }
  return {
    holds: true,
    sentence: `Entry ${entry.index} is in the signed ledger of ${size} entries, exactly as shown here.`,
    ...found,
    root: reached,
  };
}
