import { describe, expect, it } from "vitest";
import PEOPLE from "../../tests/conformance/cases/people.json";
import CHAIN from "../../tests/conformance/vault/chain.json";
import FINGERPRINTS from "../../tests/conformance/vault/fingerprints.json";
import PERIOD from "../../tests/conformance/vault/period.json";
import SHARING from "../../tests/conformance/vault/sharing.json";
import { fromHex, toHex } from "../src/ledger/merkle";
import { open } from "../src/vault/age";
import { checkPartRecipient, checkRecipient, fingerprint } from "../src/vault/agekeys";
import { fromBase64, sha256Hex, utf8 } from "../src/vault/bytes";
import { readDocument } from "../src/vault/document";
import { Malformed, PartInvalid, PartsTooFew, SealBroken } from "../src/vault/errors";
import { load } from "../src/vault/fields";
import { chainNext, chainStart, readManifest, segmentsOf } from "../src/vault/manifest";
import { combine, openPart } from "../src/vault/opening";
import { join, piecesHeld } from "../src/vault/sharing";
import { cardFingerprint, checkVerifier, holds, signerOfIdentity } from "../src/vault/signing";
import { keyOf } from "./vectors";

const DOCUMENT = readDocument(utf8(PERIOD.document), PERIOD.document_sha256);

describe("canonical JSON", () => {
  it.each([
    ["white space", '{"a": 1}'],
    ["a repeated field", '{"a":1,"a":1}'],
    ["keys out of order", '{"b":1,"a":1}'],
    ["a fraction", "[0.5]"],
    ["a number in another spelling", "[1e3]"],
    ["minus nothing", "[-0]"],
    ["a number beyond what is exact", "[9007199254740993]"],
    ["an escape that need not be", '["\\u0041"]'],
    ["half of a surrogate pair", '["\\ud800"]'],
    ["a byte order mark", "\ufeff[]"],
    ["something behind", "[]\n"],
    ["nothing", ""],
    ["too deep", "[".repeat(200_000) + "]".repeat(200_000)],
  ])("refuses %s", (_, text) => {
    expect(() => load(utf8(text))).toThrow(Malformed);
  });

  it("refuses bytes that are no UTF-8", () => {
    expect(() => load(Uint8Array.of(0x22, 0xff, 0x22))).toThrow(Malformed);
  });

  it("takes what is canonical, a backslash before a u too", () => {
    const text = '{"__proto__":1,"a":"\\\\ud800 é \u2028 \u{1d11e}"}';
    expect(JSON.stringify(load(utf8(text)))).toBe(text);
  });

  it("takes base64 in its one spelling only", () => {
    expect(fromBase64("AAE=")).toEqual(Uint8Array.of(0, 1));
    for (const text of ["AAE", "AAF=", "AA E=", "AAE=\n", "AA-_"]) {
      expect(() => fromBase64(text)).toThrow(Malformed);
    }
  });
});

describe("keys", () => {
  it.each(PEOPLE.people)("of $recipient follow from the identity", async (person) => {
    const key = await keyOf(person.identity);
    expect(key.recipient).toBe(person.recipient);
    expect(key.signer.verifier).toBe(person.verifier);
    expect(cardFingerprint(key.recipient, key.signer.verifier)).toBe(person.card_fingerprint);
  });

  it.each(PEOPLE.refused_verifiers)("refuse as a verifier: $name", ({ verifier }) => {
    expect(() => checkVerifier(verifier)).toThrow(Malformed);
    expect(holds(verifier, utf8("x"), new Uint8Array(64))).toBe(false);
  });

  it("of hardware tokens are taken for parts and for nothing else", () => {
    for (const text of PEOPLE.token_recipients.good) {
      checkPartRecipient(text);
      expect(() => checkRecipient(text)).toThrow(Malformed);
    }
    for (const text of PEOPLE.token_recipients.refused) {
      expect(() => checkPartRecipient(text)).toThrow(Malformed);
    }
  });

  it("refuse secrets, keys of small order and other spellings as recipients", () => {
    const [first] = FINGERPRINTS;
    const right = first?.recipient ?? "";
    const small = "age1qqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqq4dmgj7";
    for (const text of [PERIOD.identity, right.toUpperCase(), right.slice(0, -1), small, ""]) {
      expect(() => checkRecipient(text)).toThrow(Malformed);
    }
  });

  it("read aloud are the same everywhere", () => {
    for (const one of FINGERPRINTS) expect(fingerprint(one.recipient)).toBe(one.fingerprint);
  });

  it("sign what holds for these words and no others", () => {
    const signer = signerOfIdentity(PERIOD.identity);
    const signature = signer.sign(utf8("yes"));
    expect(holds(signer.verifier, utf8("yes"), signature)).toBe(true);
    expect(holds(signer.verifier, utf8("yes."), signature)).toBe(false);
    expect(holds(signer.verifier, utf8("yes"), signature.slice(1))).toBe(false);
  });
});

describe("sharing", () => {
  it.each(SHARING)("$k of $n hands out and joins the same pieces", (shared) => {
    const { n, k } = shared;
    expect(shared.held).toEqual(Array.from({ length: n }, (_, at) => piecesHeld(n, k, at)));
    const pieces = new Map(shared.pieces.map((text, at) => [at, fromHex(text)]));
    expect(toHex(join(n, k, pieces))).toBe(shared.secret);
    pieces.delete(0);
    expect(() => join(n, k, pieces)).toThrow(Malformed);
  });
});

describe("a period", () => {
  const custodians = Object.entries(PERIOD.custodians);

  async function parts() {
    return Promise.all(
      custodians.map(([name, identity]) => {
        const member = DOCUMENT.custodians.find(({ id }) => id === name);
        return openPart(member?.part ?? new Uint8Array(), identity, DOCUMENT);
      }),
    );
  }

  it("opens for every pair of custodians and for nobody alone", async () => {
    const opened = await parts();
    for (const one of opened) {
      expect(() => combine(DOCUMENT, [one, one])).toThrow(PartsTooFew);
      for (const other of opened.filter((part) => part !== one)) {
        expect(combine(DOCUMENT, [one, other])).toBe(PERIOD.identity);
      }
    }
    const plain = await open(PERIOD.identity, fromBase64(PERIOD.segment));
    expect(sha256Hex(plain ?? "")).toBe(PERIOD.segment_plain_sha256);
  });

  it.each(PERIOD.faults)("finds and names: $name", async (fault) => {
    const found = await openPart(fromBase64(fault.sealed), fault.identity, DOCUMENT).catch(
      (error: unknown) => error,
    );
    expect(found).toBeInstanceOf(PartInvalid);
    expect((found as PartInvalid).custodian).toBe(fault.custodian);
  });

  it("refuses a part that was changed after it was opened", async () => {
    const [one, other] = await parts();
    if (one === undefined || other === undefined) throw new Error("no parts");
    const [[number, piece] = [0, new Uint8Array(32)]] = [...one.pieces];
    const pieces = new Map([...one.pieces, [number, piece.map((byte) => byte ^ 1)]]);
    expect(() => combine(DOCUMENT, [{ ...one, pieces }, other])).toThrow(PartInvalid);
    expect(() => combine(DOCUMENT, [{ ...one, camera: "door" }, other])).toThrow(/door/);
  });

  it("refuses a document of another hash, cut off, or with a fingerprint of somebody else", () => {
    expect(() => readDocument(utf8(PERIOD.document), "0".repeat(64))).toThrow(SealBroken);
    expect(() => readDocument(utf8(PERIOD.document.slice(0, -1)))).toThrow(SealBroken);
    const [one, other] = FINGERPRINTS;
    const forged = PERIOD.document.replace(one?.fingerprint ?? "", other?.fingerprint ?? "");
    expect(forged).not.toBe(PERIOD.document);
    expect(() => readDocument(utf8(forged))).toThrow(/fingerprint/);
  });
});

describe("the chain", () => {
  it("comes to the same heads and the same manifest", () => {
    const heads = [chainStart(CHAIN.document_sha256)];
    for (const record of CHAIN.records) heads.push(chainNext(heads.at(-1) ?? "", record));
    expect(heads).toEqual(CHAIN.heads);
    const found = readManifest(utf8(CHAIN.manifest), CHAIN.manifest_sha256);
    expect(found.records.map(({ sha256 }) => sha256)).toEqual(CHAIN.records.map((r) => r.sha256));
    expect(found.records.map(({ lost }) => lost)).toEqual([false, false, false, true]);
  });

  it.each(CHAIN.broken)("refuses: $name", ({ manifest }) => {
    expect(() => readManifest(utf8(manifest))).toThrow(SealBroken);
  });

  it("refuses a segment whose record has no inside", () => {
    expect(() => segmentsOf(readManifest(utf8(CHAIN.manifest)), 0, 2 ** 52)).toThrow(/plain_size/);
  });
});
