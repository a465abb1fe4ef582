// What goes to a custodian's and an officer's device. Nothing in it is believed because the server
// sent it: each thing is held by its own signature, hash or proof, and by what was asked.

import { type Checkpoint, readCheckpoint } from "../ledger/checkpoint";
import type { Json } from "../ledger/merkle";
import { type Answer, answerFault, answerOf } from "./answer";
import { fromBase64 } from "./bytes";
import { type PeriodDocument, readDocument } from "./document";
import { ForTheCommandLine, Malformed, PackageBroken, VaultError } from "./errors";
import { Fields, type JsonObject, load } from "./fields";
import { type Proved, proved } from "./receipt";
import { type PeriodRef, periodName, type Request, requestOf } from "./request";
import { fromDocument } from "./statement";

/** A picture is taken before it arrives, and the ledger has the time of arrival. */
const CLOCKS_US = 60_000_000;

const NAMES = [
  ...["format", "request", "answers", "documents", "opened", "closed", "requested", "checkpoint"],
];

const HANDED_ON = "reshares";

export type Period = PeriodRef & {
  document: PeriodDocument;
  openedAtUs: number;
  /** SHA-256 of the period's manifest by the ledger; null while the period is open. */
  manifestSha256: string | null;
};

/** An answer as it was signed. `unregistered`: no period document says whose key that is. */
export type Given = {
  answer: Answer;
  verifier: string;
  unregistered: boolean;
  /** Why its parts are not used, or null. */
  fault: string | null;
};

export type CasePackage = {
  request: Request;
  /** The request's body, letter by letter as it was signed. */
  body: JsonObject;
  answers: readonly Given[];
  periods: readonly Period[];
  checkpoint: Checkpoint;
};

/** Reads a package and holds everything in it against the request. */
export async function readPackage(data: Uint8Array, wanted?: string): Promise<CasePackage> {
  try {
    return await read(data, wanted);
  } catch (error) {
    if (error instanceof ForTheCommandLine) throw error;
    if (!(error instanceof Malformed) && !(error instanceof VaultError)) throw error;
    throw new PackageBroken(
      `What the server sent for this case does not hold: ${error.message.replace(/\.$/, "")}.`,
      "Do not answer it and open nothing; tell the auditor.",
    );
  }
}

async function read(data: Uint8Array, wanted: string | undefined): Promise<CasePackage> {
  const value = load(data);
  checkNotHandedOn(value);
  const fields = new Fields(value, NAMES);
  fields.isExactly("format", "scrim-package-v1");
  const statement = fromDocument(fields.value.request);
  const request = requestOf(statement);
  if (wanted !== undefined && request.case !== wanted) {
    throw new Malformed(`it is of ${request.case}, not ${wanted}`);
  }
  const checkpoint = readCheckpoint(fields.text("checkpoint"));
  if (checkpoint === null) throw new Malformed("its checkpoint is not one");
  if (checkpoint.origin !== request.deployment) {
    throw new Malformed("the checkpoint is of another ledger than the request names");
  }
  const requested = await proved(fields.value.requested, checkpoint);
  if (requested.act !== "case-requested" || requested.facts.request !== request.sha256) {
    throw new Malformed("the ledger has no entry of this request");
  }
  const periods = await readPeriods(fields, request, checkpoint);
  const answers = readAnswers(fields, request, periods);
  return { request, body: statement.body, answers, periods, checkpoint };
}

function checkNotHandedOn(value: Json): void {
  if (typeof value === "object" && value !== null && HANDED_ON in value) {
    throw new ForTheCommandLine(
      "Key periods of this case were handed on to other custodians, which this page does not check.",
      "Here nothing of it was checked: use `scrim custodian review` and `approve`, and `scrim case open`.",
    );
  }
}

async function readPeriods(
  fields: Fields,
  request: Request,
  checkpoint: Checkpoint,
): Promise<Period[]> {
  const documents = fields.mapping("documents");
  const opened = fields.mapping("opened");
  const closed = fields.mapping("closed");
  const names = request.periods.map(periodName);
  checkNames(
    "period documents",
    documents,
    new Set(request.periods.map((at) => at.documentSha256)),
  );
  checkNames("entries of opened periods", opened, new Set(names));
  const over = Object.keys(closed).find((name) => !names.includes(name));
  if (over !== undefined) throw new Malformed(`period ${over} is not of the request`);
  const found: Period[] = [];
  for (const ref of request.periods) {
    const name = periodName(ref);
    const encoded = documents[ref.documentSha256];
    if (typeof encoded !== "string") throw new Malformed(`the document of ${name} is missing`);
    const document = readDocument(fromBase64(encoded), ref.documentSha256);
    if (periodName({ ...document, documentSha256: document.sha256 }) !== name) {
      throw new Malformed(`the document of ${name} is of another period`);
    }
    const opening = await proved(opened[name], checkpoint);
    checkEntry(opening, "period-opened", ref);
    if (opening.atUs >= request.untilUs + CLOCKS_US) {
      throw new Malformed(`period ${name} was opened after the interval's end`);
    }
    found.push({
      ...ref,
      document,
      openedAtUs: opening.atUs,
      manifestSha256: await manifestOf(closed, ref, request, checkpoint),
    });
  }
  return found;
}

async function manifestOf(
  closed: JsonObject,
  ref: PeriodRef,
  request: Request,
  checkpoint: Checkpoint,
): Promise<string | null> {
  const name = periodName(ref);
  if (!Object.hasOwn(closed, name)) return null;
  const closing = await proved(closed[name], checkpoint);
  checkEntry(closing, "period-closed", ref);
  if (closing.atUs <= request.sinceUs - CLOCKS_US) {
    throw new Malformed(`period ${name} was closed before the interval's beginning`);
  }
  return new Fields(closing.facts, ["manifest"], true).sha256("manifest");
}

function checkNames(what: string, found: JsonObject, wanted: ReadonlySet<string>): void {
  const names = Object.keys(found);
  if (names.length !== wanted.size || !names.every((name) => wanted.has(name))) {
    throw new Malformed(`the ${what} are not exactly those of the request`);
  }
}

function checkEntry(entry: Proved, act: string, ref: PeriodRef): void {
  const { camera, epoch, facts } = entry;
  if (
    entry.act !== act ||
    camera !== ref.camera ||
    epoch !== ref.epoch ||
    facts.period !== ref.period ||
    facts.document !== ref.documentSha256
  ) {
    throw new Malformed(`entry ${entry.index} is not the ${act} of ${periodName(ref)}`);
  }
}

function readAnswers(fields: Fields, request: Request, periods: readonly Period[]): Given[] {
  const answers = fields.items("answers").map((item) => {
    const statement = fromDocument(item);
    const answer = answerOf(statement);
    if (answer.requestSha256 !== request.sha256 || answer.case !== request.case) {
      throw new Malformed(`the answer of ${answer.custodian} is to another request`);
    }
    const keys = keysOf(answer.custodian, request, periods);
    if (keys.size > 0 && !keys.has(statement.verifier)) {
      throw new Malformed(`the answer of ${answer.custodian} is not signed with their key`);
    }
    const { verifier } = statement;
    return { answer, verifier, unregistered: keys.size === 0, fault: answerFault(answer, request) };
  });
  if (new Set(answers.map(({ answer }) => answer.custodian)).size !== answers.length) {
    throw new Malformed("a custodian answers twice");
  }
  return answers;
}

function keysOf(
  custodian: string,
  request: Request,
  periods: readonly Period[],
): ReadonlySet<string> {
  const members = periods.flatMap(({ document }) =>
    document.custodians.filter(({ id }) => id === custodian),
  );
  if (members.length === 0 && request.kind === "recorded") {
    throw new Malformed(`${custodian} is no custodian of any period of the request`);
  }
  return new Set(members.map(({ verifier }) => verifier).filter((verifier) => verifier !== ""));
}
