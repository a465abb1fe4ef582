// What the officer's machine does with the approvals: opens the parts sealed to the case's one-time
// key, checks each, and combines k of them into the period's identity.

import { open } from "./age";
import type { PeriodDocument } from "./document";
import { KeyFileInvalid, PartInvalid, PartsTooFew, StatementInvalid } from "./errors";
import type { Key } from "./keyfile";
import { checkedPart, combine } from "./opening";
import type { CasePackage, Period } from "./package";
import type { Part } from "./part";

/** The identity of one period, and what was wrong with parts that were left out. */
export type Recombined = { identity: string; setAside: readonly PartInvalid[] };

/** Refuses a key that is not this case's, and a case whose time is over. */
export function checkCaseKey({ request }: CasePackage, key: Key, nowUs: number): void {
  if (key.recipient !== request.recipient) {
    throw new KeyFileInvalid(
      `This is not the key of ${request.case}.`,
      "Choose the one-time identity file that was made when this case was requested.",
    );
  }
  if (nowUs >= request.expiresUs) {
    throw new StatementInvalid(
      `${request.case} has expired; nothing is opened under it any more.`,
      "Make a new request.",
    );
  }
}

export async function recombine(
  { answers }: CasePackage,
  { document, documentSha256 }: Period,
  key: Key,
): Promise<Recombined> {
  const parts: Part[] = [];
  const setAside: PartInvalid[] = [];
  for (const { answer, verifier, fault } of answers) {
    const { custodian } = answer;
    const sealed = answer.parts.find((part) => part.documentSha256 === documentSha256)?.sealed;
    if (answer.decision !== "approved" || sealed === undefined) continue;
    try {
      if (fault !== null) throw new PartInvalid(custodian, fault);
      checkSigner(document, custodian, verifier);
      parts.push(checkedPart(await open(key.identity(), sealed), custodian, document));
    } catch (error) {
      if (!(error instanceof PartInvalid)) throw error;
      setAside.push(error);
    }
  }
  try {
    return { identity: combine(document, parts), setAside };
  } catch (error) {
    const [first] = setAside;
    if (error instanceof PartsTooFew && first !== undefined) throw first; // the cause has a name
    throw error;
  }
}

function checkSigner({ custodians }: PeriodDocument, custodian: string, verifier: string): void {
  const member = custodians.find(({ id }) => id === custodian);
  if (member === undefined) {
    throw new PartInvalid(custodian, "no custodian of that name holds a part of this period");
  }
  if (member.verifier !== "" && member.verifier !== verifier) {
    throw new PartInvalid(custodian, "the answer is not signed with this custodian's key");
  }
}
