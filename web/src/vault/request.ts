// The request of a case: what is asked, of whom, why, and until when.

import type { Json } from "../ledger/merkle";
import { checkRecipient } from "./agekeys";
import { Malformed, reading, StatementInvalid } from "./errors";
import { Fields, isName, type JsonObject } from "./fields";
import { checkVerifier } from "./signing";
import { bodySha256, type Statement } from "./statement";

const FORMAT = "scrim-request-v1";
const NAMES = [
  ...["format", "deployment", "case", "kind", "purpose", "authority", "cameras", "since_us"],
  ...["until_us", "reason", "officer", "recipient", "created_us", "expires_us", "periods", "salt"],
];
const ANSWERS = "answers";
const MOST_ANSWERS = 50;
const MOST_CAMERAS = 100;
const MOST_PERIODS = 100_000;
const LONGEST_LIVE_US = 3_600_000_000;
export const LONGEST_TEXT = 2000;
export const SHORTEST_REASON = 10;

export type PeriodRef = {
  camera: string;
  epoch: number;
  period: number;
  documentSha256: string;
};

export type Request = {
  deployment: string;
  case: string;
  kind: "recorded" | "live";
  purpose: string;
  authority: {
    kind: "warrant" | "statute" | "consent" | "emergency";
    reference: string;
    documentSha256: string;
  };
  cameras: readonly string[];
  sinceUs: number;
  untilUs: number;
  reason: string;
  officer: { id: string; office: string; verifier: string };
  recipient: string;
  createdUs: number;
  expiresUs: number;
  periods: readonly PeriodRef[];
  /** To the questions that norms ask before a release, in order of the questions. */
  answers: readonly { question: string; answer: string }[];
  /** By which answers and the ledger refer to it. */
  sha256: string;
};

/** Characters, as every other reader counts them, with and without white space at the ends. */
export function lengths(text: string): { all: number; stripped: number } {
  const characters = [...text];
  const first = characters.findIndex((character) => !isBlank(character));
  const last = characters.findLastIndex((character) => !isBlank(character));
  return { all: characters.length, stripped: first < 0 ? 0 : last - first + 1 };
}

/** White space as Python's `str.strip` has it, which is not quite that of JavaScript's `trim`. */
function isBlank(character: string): boolean {
  const code = character.charCodeAt(0);
  if ((code >= 0x1c && code <= 0x1f) || code === 0x85) return true;
  return code !== 0xfeff && character.trim() === "";
}

export function isCaseId(text: string): boolean {
  return /^case-[a-z2-7]{8}$/.test(text);
}

/** `camera/epoch/period`, as a package names a period. */
export function periodName({ camera, epoch, period }: PeriodRef): string {
  return `${camera}/${epoch}/${period}`;
}

function invalid(reason: string): StatementInvalid {
  return new StatementInvalid(
    `This is not a request that can be dealt with: ${reason}.`,
    "Have it made again by who asks; nothing was done.",
  );
}

/** The request that a statement makes, signed by the officer it names. */
export function requestOf(statement: Statement): Request {
  const request = requestFromBody(statement.body);
  if (request.officer.verifier !== statement.verifier) {
    throw invalid("it is not signed by the officer it names");
  }
  return request;
}

/** The request of a body that nobody need have signed yet. */
export function requestFromBody(body: JsonObject): Request {
  return reading(() => {
    const request = read(body);
    check(request);
    return request;
  }, invalid);
}

function read(body: JsonObject): Request {
  const fields = new Fields(body, NAMES, false, [ANSWERS]);
  fields.isExactly("format", FORMAT);
  fields.sha256("salt");
  const authority = new Fields(fields.mapping("authority"), [
    ...["kind", "reference", "document_sha256"],
  ]);
  const officer = new Fields(fields.mapping("officer"), ["id", "office", "verifier"]);
  return {
    deployment: fields.text("deployment"),
    case: fields.text("case"),
    kind: fields.oneOf("kind", "recorded", "live"),
    purpose: fields.name("purpose"),
    authority: {
      kind: authority.oneOf("kind", "warrant", "statute", "consent", "emergency"),
      reference: authority.text("reference"),
      documentSha256:
        authority.text("document_sha256") === "" ? "" : authority.sha256("document_sha256"),
    },
    cameras: fields.items("cameras").map(camera),
    sinceUs: fields.number("since_us"),
    untilUs: fields.number("until_us"),
    reason: fields.text("reason"),
    officer: {
      id: officer.name("id"),
      office: officer.name("office"),
      verifier: officer.text("verifier"),
    },
    recipient: fields.text("recipient"),
    createdUs: fields.number("created_us"),
    expiresUs: fields.number("expires_us"),
    periods: fields.items("periods").map(period),
    answers: fields.has(ANSWERS) ? answersOf(fields.mapping(ANSWERS)) : [],
    sha256: bodySha256(body),
  };
}

function camera(item: Json): string {
  if (!isName(item)) throw new Malformed("cameras are names, ascending, each once");
  return item;
}

function period(item: Json): PeriodRef {
  const fields = new Fields(item, ["camera", "epoch", "period", "document_sha256"]);
  return {
    camera: fields.name("camera"),
    epoch: fields.number("epoch"),
    period: fields.number("period"),
    documentSha256: fields.sha256("document_sha256"),
  };
}

function answersOf(value: JsonObject): Request["answers"] {
  const found = Object.entries(value).sort(([one], [other]) => compare(one, other));
  if (found.length === 0) throw new Malformed("a request without answers has no field for them");
  if (found.length > MOST_ANSWERS) {
    throw new Malformed(`it answers more than ${MOST_ANSWERS} questions`);
  }
  return found.map(([question, answer]) => {
    if (!isName(question)) throw new Malformed("a question is not named by a-z, 0-9 and -");
    if (typeof answer !== "string") throw new Malformed("an answer is not text");
    const { all, stripped } = lengths(answer);
    if (stripped < 1 || all > LONGEST_TEXT) {
      throw new Malformed(`the answer to ${question} has 1 to ${LONGEST_TEXT} characters`);
    }
    return { question, answer };
  });
}

function check(request: Request): void {
  const { deployment, authority, cameras, sinceUs, untilUs, reason } = request;
  if (deployment === "" || lengths(deployment).all > 200) {
    throw new Malformed("it does not say for which deployment it is");
  }
  if (!isCaseId(request.case)) throw new Malformed("case is not case- and eight of a-z and 2-7");
  const reference = lengths(authority.reference);
  if (reference.stripped < 1 || reference.all > 200) {
    throw new Malformed("the authority's reference has 1 to 200 characters");
  }
  if (authority.documentSha256 === "" && authority.kind !== "emergency") {
    throw new Malformed("the authority has no document; only an emergency may come before it");
  }
  if (cameras.length < 1 || cameras.length > MOST_CAMERAS || !ascending(cameras, compare)) {
    throw new Malformed(`cameras are 1 to ${MOST_CAMERAS} names, ascending, each once`);
  }
  if (sinceUs >= untilUs) throw new Malformed("the interval is empty");
  if (request.kind === "live" && untilUs - sinceUs > LONGEST_LIVE_US) {
    throw new Malformed("a live opening is for an hour at most");
  }
  const characters = lengths(reason);
  if (characters.stripped < SHORTEST_REASON || characters.all > LONGEST_TEXT) {
    throw new Malformed(`the reason has ${SHORTEST_REASON} to ${LONGEST_TEXT} characters`);
  }
  checkVerifier(request.officer.verifier);
  checkRecipient(request.recipient);
  if (request.expiresUs <= request.createdUs) throw new Malformed("it expires before it was made");
  checkPeriods(request);
}

function checkPeriods({ kind, periods, cameras }: Request): void {
  if (kind === "live") {
    if (periods.length > 0) throw new Malformed("a live request names no periods");
    return;
  }
  if (periods.length < 1 || periods.length > MOST_PERIODS) {
    throw new Malformed(`a request names 1 to ${MOST_PERIODS} periods`);
  }
  if (!ascending(periods, comparePeriods)) {
    throw new Malformed("periods are in order of camera, epoch and period, each once");
  }
  const strange = periods.find((period) => !cameras.includes(period.camera));
  if (strange !== undefined) {
    throw new Malformed(`a period is of ${strange.camera}, which is not among the cameras`);
  }
  if (new Set(periods.map(({ documentSha256 }) => documentSha256)).size !== periods.length) {
    throw new Malformed("a period document is named twice");
  }
}

function compare(one: string, other: string): number {
  return one < other ? -1 : one > other ? 1 : 0;
}

function comparePeriods(one: PeriodRef, other: PeriodRef): number {
  return compare(one.camera, other.camera) || one.epoch - other.epoch || one.period - other.period;
}

function ascending<Item>(items: readonly Item[], order: (a: Item, b: Item) => number): boolean {
  return items.every((item, at) => at === 0 || order(items[at - 1] as Item, item) < 0);
}
