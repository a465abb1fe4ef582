// Answering a request: approving opens the custodian's parts on this machine and seals them again
// to the officer; refusing says why. Both are signed over the request as it was signed.

import { toHex } from "../ledger/merkle";
import { seal } from "./age";
import { type Answer, answerBody, type SealedPart } from "./answer";
import { PartsTooFew, StatementInvalid } from "./errors";
import type { Key } from "./keyfile";
import { openPart } from "./opening";
import type { CasePackage } from "./package";
import { partBytes } from "./part";
import { type Statement, signStatement } from "./statement";

export type Decision = { decision: "approved" | "refused"; reason: string };

/** How much later than this machine's clock the server's may be. */
const CLOCKS_US = 600_000_000;

/** Which custodian the key is of, by the documents of the periods asked for; null for none. */
export function custodianOf({ periods }: CasePackage, key: Key): string | null {
  for (const { document } of periods) {
    const mine = document.custodians.find(({ recipient }) => recipient === key.recipient);
    if (mine !== undefined) return mine.id;
  }
  return null;
}

/**
 * The signed answer. Nothing is sealed to anybody before every part of the custodian's is opened
 * and found to be the right one.
 */
export async function answer(
  asked: CasePackage,
  key: Key,
  custodian: string,
  { decision, reason }: Decision,
  nowUs: number,
): Promise<Statement> {
  const { request } = asked;
  if (nowUs >= request.expiresUs) {
    throw new StatementInvalid("The request has expired.", "The officer has to ask again.");
  }
  if (nowUs < request.createdUs - CLOCKS_US) {
    throw new StatementInvalid(
      "The request is of a time that this machine's clock has not reached.",
      "Set the clock; by a wrong one nobody can tell whether the request has expired.",
    );
  }
  const asker = request.officer;
  if (key.signer.verifier === asker.verifier || [asker.id, asker.office].includes(custodian)) {
    throw new StatementInvalid(
      "The request is your own.",
      "Who asks never approves; leave it to the other custodians.",
    );
  }
  const parts = decision === "approved" ? await handedOver(asked, key) : [];
  const nonce = toHex(crypto.getRandomValues(new Uint8Array(32)));
  const body: Answer = {
    requestSha256: request.sha256,
    case: request.case,
    custodian,
    decision,
    reason,
    decidedUs: nowUs,
    parts,
    nonce,
  };
  return signStatement(answerBody(body), key.signer);
}

async function handedOver({ request, periods }: CasePackage, key: Key): Promise<SealedPart[]> {
  const opened: { documentSha256: string; plaintext: Uint8Array }[] = [];
  for (const { document, documentSha256 } of periods) {
    if (document.custodians.some(({ recipient }) => recipient === request.recipient)) {
      throw new StatementInvalid(
        "The request wants the parts sealed to a custodian.",
        "Refuse it: what is asked for goes to a key made for this case alone.",
      );
    }
    const mine = document.custodians.find(({ recipient }) => recipient === key.recipient);
    if (mine === undefined) continue; // a period of a time in which they were no custodian
    const part = await openPart(mine.part, key.identity(), document);
    opened.push({ documentSha256, plaintext: partBytes(part) });
  }
  if (opened.length === 0 && request.kind === "recorded") {
    throw new PartsTooFew(
      "This key holds no part of any period of this request.",
      "Use the key file whose recipient stands in the period documents.",
    );
  }
  const sealed: SealedPart[] = [];
  for (const { documentSha256, plaintext } of opened) {
    sealed.push({ documentSha256, sealed: await seal(request.recipient, plaintext) });
    plaintext.fill(0);
  }
  return sealed;
}
