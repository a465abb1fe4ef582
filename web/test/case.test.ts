import { describe, expect, it } from "vitest";
import ANSWERS from "../../tests/conformance/cases/answers.json";
import REQUESTS from "../../tests/conformance/cases/requests.json";
import STATEMENTS from "../../tests/conformance/cases/statements.json";
import { canonical } from "../src/ledger/merkle";
import { answerFault, answerOf } from "../src/vault/answer";
import { answer, custodianOf, type Decision } from "../src/vault/approving";
import { utf8 } from "../src/vault/bytes";
import {
  ForTheCommandLine,
  KeyFileInvalid,
  PackageBroken,
  PartInvalid,
  StatementInvalid,
} from "../src/vault/errors";
import { canonicalBytes, type JsonObject } from "../src/vault/fields";
import { readManifest, segmentsOf } from "../src/vault/manifest";
import { type CasePackage, readPackage } from "../src/vault/package";
import { checkCaseKey, recombine } from "../src/vault/recombining";
import { requestFromBody, requestOf } from "../src/vault/request";
import { signerOfIdentity } from "../src/vault/signing";
import {
  bodySha256,
  fromDocument,
  readStatement,
  signStatement,
  statementDocument,
} from "../src/vault/statement";
import { CASE, keyOf, packageWith } from "./vectors";

const HOUR_US = 3_600_000_000;

describe("statements", () => {
  const good = readStatement(utf8(STATEMENTS.statement));

  it("hold, and are signed the same again", () => {
    expect([good.sha256, good.verifier]).toEqual([STATEMENTS.sha256, STATEMENTS.verifier]);
    const again = signStatement(good.body, signerOfIdentity(CASE.officer));
    expect(canonical(statementDocument(again))).toBe(STATEMENTS.statement);
  });

  it.each(STATEMENTS.broken)("are refused: $name", ({ statement }) => {
    expect(() => readStatement(utf8(statement))).toThrow(StatementInvalid);
  });

  it("are refused with any one byte changed", () => {
    const bytes = utf8(STATEMENTS.statement);
    for (let at = 0; at < bytes.length; at += 17) {
      const bad = bytes.slice();
      bad[at] = (bad[at] ?? 0) ^ 1;
      expect(() => readStatement(bad)).toThrow(StatementInvalid);
    }
  });

  it("in another's name make no request", () => {
    const forged = readStatement(utf8(STATEMENTS.in_anothers_name));
    expect(() => requestOf(forged)).toThrow(/officer/);
  });
});

describe("requests", () => {
  it.each(REQUESTS)("$name: $good", ({ good, body }) => {
    const read = () => requestFromBody(JSON.parse(body) as JsonObject);
    if (good) expect(read().sha256).toBe(bodySha256(JSON.parse(body) as JsonObject));
    else expect(read).toThrow(StatementInvalid);
  });
});

describe("answers", () => {
  it.each(ANSWERS)("$name: $good, and $answers of this request", async (vector) => {
    const { request } = await packageWith();
    const signed = signStatement(
      JSON.parse(vector.body) as JsonObject,
      signerOfIdentity(CASE.stranger),
    );
    if (!vector.good) expect(() => answerOf(signed)).toThrow(StatementInvalid);
    else if (vector.answers) expect(answerFault(answerOf(signed), request)).toBeNull();
    else expect(answerFault(answerOf(signed), request)).not.toBeNull();
  });
});

describe("a package", () => {
  it("whose periods were handed on is no fault, and not for this page", async () => {
    const read = packageWith({ reshares: {}, reshared: {} });
    await expect(read).rejects.toThrow(ForTheCommandLine);
    await expect(read).rejects.toThrow(/Here nothing of it was checked/);
  });

  it("holds as it was sent", async () => {
    const found = await readPackage(utf8(CASE.package), "case-abcd2345");
    expect(found.request.sha256).toBe(CASE.request_sha256);
    expect(found.answers.map(({ answer }) => `${answer.custodian} ${answer.decision}`)).toEqual([
      "court approved",
      "ombudsman refused",
      "registry approved",
    ]);
    expect(found.answers.every((given) => !given.unregistered && given.fault === null)).toBe(true);
    const [closed, open] = found.periods;
    const manifest = readManifest(utf8(CASE.manifest), closed?.manifestSha256 ?? "");
    const { sinceUs, untilUs } = found.request;
    expect(segmentsOf(manifest, sinceUs, untilUs).map(({ segment }) => segment)).toEqual([0, 1]);
    expect(segmentsOf(manifest, sinceUs, sinceUs + 1).map(({ segment }) => segment)).toEqual([0]);
    expect(open?.manifestSha256).toBeNull();
  });

  it("is refused under another case's name", async () => {
    await expect(readPackage(utf8(CASE.package), "case-zzzz7777")).rejects.toThrow(PackageBroken);
  });

  it.each(CASE.altered)("is refused: $name", async ({ changes }) => {
    await expect(packageWith(changes)).rejects.toThrow(PackageBroken);
  });
});

async function identities(asked: CasePackage): Promise<Record<string, string>> {
  const key = await keyOf(CASE.once);
  const found: Record<string, string> = {};
  for (const period of asked.periods) {
    const { identity, setAside } = await recombine(asked, period, key);
    expect(setAside).toEqual([]);
    found[`${period.camera}/${period.epoch}/${period.period}`] = identity;
  }
  return found;
}

describe("opening", () => {
  it("comes to the identities that the command line comes to", async () => {
    expect(await identities(await readPackage(utf8(CASE.package)))).toEqual(CASE.identities);
  });

  it.each(CASE.bad_parts)("names and leaves out: $name", async ({ custodian, ...given }) => {
    const key = await keyOf(CASE.once);
    const few = await packageWith({ answers: given.too_few });
    const [first, second] = few.periods;
    if (first === undefined || second === undefined) throw new Error("no periods");
    const found = await recombine(few, first, key).catch((error: unknown) => error);
    expect(found).toBeInstanceOf(PartInvalid);
    expect((found as PartInvalid).custodian).toBe(custodian);
    expect((await recombine(few, second, key)).identity).toBe(CASE.identities["gate/2/6"]);

    const opened = await recombine(await packageWith({ answers: given.enough }), first, key);
    expect(opened.identity).toBe(CASE.identities["gate/2/5"]);
    expect(opened.setAside.map((fault) => fault.custodian)).toEqual([custodian]);
  });

  it("is not for another key, nor after the case's time", async () => {
    const asked = await readPackage(utf8(CASE.package));
    const { expiresUs } = asked.request;
    const once = await keyOf(CASE.once);
    checkCaseKey(asked, once, expiresUs - 1);
    expect(() => checkCaseKey(asked, once, expiresUs)).toThrow(StatementInvalid);
    const stranger = await keyOf(CASE.stranger);
    expect(() => checkCaseKey(asked, stranger, 0)).toThrow(KeyFileInvalid);
  });
});

describe("answering", () => {
  const YES: Decision = { decision: "approved", reason: "" };

  async function given(custodian: "court" | "ombudsman" | "registry", decision: Decision) {
    const asked = await packageWith();
    const key = await keyOf(CASE.custodians[custodian]);
    expect(custodianOf(asked, key)).toBe(custodian);
    const at = asked.request.createdUs + HOUR_US;
    return statementDocument(await answer(asked, key, custodian, decision, at));
  }

  it("hands over what opens the periods, and only to the officer", async () => {
    const answers = [await given("court", YES), await given("ombudsman", YES)];
    const asked = await packageWith({ answers });
    expect(await identities(asked)).toEqual(CASE.identities);
    const [period] = asked.periods;
    if (period === undefined) throw new Error("no period");
    const stranger = await keyOf(CASE.stranger);
    await expect(recombine(asked, period, stranger)).rejects.toThrow(PartInvalid);
  });

  it("writes what the command line takes as canonical", async () => {
    const made = await given("registry", {
      decision: "refused",
      reason: "Not this street at all.",
    });
    expect(fromDocument(made).body).toMatchObject({ decision: "refused", parts: [] });
    expect(readStatement(canonicalBytes(made)).verifier).toContain("scrimsig1");
  });

  it("refuses without a reason to refuse", async () => {
    await expect(given("court", { decision: "refused", reason: "no" })).rejects.toThrow(/reason/);
  });

  it("is not for who asks, nor for who holds no part, nor for expired requests", async () => {
    const asked = await packageWith();
    const { createdUs, expiresUs } = asked.request;
    const officer = await keyOf(CASE.officer);
    await expect(answer(asked, officer, "court", YES, createdUs)).rejects.toThrow(/your own/);
    const stranger = await keyOf(CASE.stranger);
    expect(custodianOf(asked, stranger)).toBeNull();
    await expect(answer(asked, stranger, "court", YES, createdUs)).rejects.toThrow(/no part/);
    const court = await keyOf(CASE.custodians.court);
    await expect(answer(asked, court, "court", YES, expiresUs)).rejects.toThrow(/expired/);
    for (const same of [{ id: "court" }, { office: "court" }]) {
      const request = { ...asked.request, officer: { ...asked.request.officer, ...same } };
      const own = answer({ ...asked, request }, court, "court", YES, createdUs);
      await expect(own).rejects.toThrow(/your own/);
    }
  });

  it("is not by a clock that was set back before the request was made", async () => {
    const asked = await packageWith();
    const court = await keyOf(CASE.custodians.court);
    const back = asked.request.createdUs - HOUR_US;
    await expect(answer(asked, court, "court", YES, back)).rejects.toThrow(/clock/);
  });

  it("seals to no custodian, however it is asked", async () => {
    const asked = await packageWith();
    const court = await keyOf(CASE.custodians.court);
    const [period] = asked.periods;
    const recipient = period?.document.custodians[1]?.recipient ?? "";
    const trap = { ...asked, request: { ...asked.request, recipient } };
    const { createdUs } = asked.request;
    await expect(answer(trap, court, "court", YES, createdUs)).rejects.toThrow(/sealed to a/);
  });
});
