// The conformance vectors that the command line is held against too.

import CASE from "../../tests/conformance/cases/case.json";
import { fromBase64, utf8 } from "../src/vault/bytes";
import { canonicalBytes, type JsonObject } from "../src/vault/fields";
import { type Key, readKey } from "../src/vault/keyfile";
import { type CasePackage, readPackage } from "../src/vault/package";

export { CASE };

/** The package as custodians are asked, with what somebody would change in it. */
export function packageWith(changes: object = {}): Promise<CasePackage> {
  const asked = JSON.parse(CASE.asked) as JsonObject;
  return readPackage(canonicalBytes({ ...asked, ...(changes as JsonObject) }));
}

export function keyOf(identity: string): Promise<Key> {
  return readKey(utf8(`# created: 2026-11-25T10:00:00Z\n${identity}\n`), null);
}

/** The bytes of segment number `at`, and what is in it. */
export function segment(at: number) {
  const found = CASE.segments[at];
  if (found === undefined) throw new Error(`there is no segment ${at}`);
  return { ...found, sealed: fromBase64(found.sealed), plain: fromBase64(found.plain) };
}
