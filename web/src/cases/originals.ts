// Which segments a viewing has, in order, and the clear bytes of each. One segment is in memory at a
// time. What does not hold is named and left out, and keeps none of the others back.

import { SealBroken, VaultError } from "../vault/errors";
import type { Key } from "../vault/keyfile";
import { overlaps, readManifest, type Segment, segmentsOf } from "../vault/manifest";
import type { CasePackage, Period } from "../vault/package";
import { type Recombined, recombine } from "../vault/recombining";
import { openSegment, segmentName } from "../vault/segment";
import { fetchManifest, fetchSealed, type Viewing } from "./api";

/** Something that is not as it should be, in a sentence. */
export type Finding = { id: string; sentence: string };

export type Originals = {
  /** In order of time. */
  segments: readonly Segment[];
  findings: readonly Finding[];
  /** UTC microseconds of the player's zero, and of where it begins. */
  originUs: number;
  beginUs: number;
  open: (segment: Segment, signal: AbortSignal) => Promise<Uint8Array<ArrayBuffer>>;
  /** Waits until there are more segments; false when no more come. None where all are there. */
  follow?: (signal: AbortSignal) => Promise<boolean>;
};

/** The originals of one camera in the interval of the case. */
export async function originalsOf(
  asked: CasePackage,
  camera: string,
  viewing: Viewing,
  key: Key,
): Promise<Originals> {
  const { sinceUs, untilUs } = asked.request;
  const findings: Finding[] = [];
  const find = (id: string, sentence: string) => findings.push({ id, sentence });
  const segments: Segment[] = [];
  const identities = new Map<string, Recombined>();
  for (const period of asked.periods.filter((one) => one.camera === camera)) {
    const name = `period ${period.period} of epoch ${period.epoch}`;
    const listed = viewing.segments.filter((one) => isOf(one, period));
    try {
      const recombined = await recombine(asked, period, key);
      identities.set(name, recombined);
      for (const fault of recombined.setAside) find(`${name} ${fault.custodian}`, fault.message);
      const proven = await provenBy(period, viewing, sinceUs, untilUs);
      if (proven === null) {
        find(
          `${name} open`,
          `The ${name} is not closed yet: what is shown of it is as the server says, and proved only once it is closed.`,
        );
        segments.push(
          ...listed.filter((one) => overlaps(one.startUs, one.endUs, sinceUs, untilUs)),
        );
      } else {
        for (const sentence of differences(proven, listed)) find(sentence, sentence);
        segments.push(...proven);
      }
    } catch (error) {
      if (!(error instanceof VaultError)) throw error;
      find(name, `Nothing of ${name} is shown. ${error.message}`);
    }
  }
  for (const lost of segments.filter((one) => one.lost)) {
    find(segmentName(lost), `${segmentName(lost)} was never stored: the recorder lost it.`);
  }
  segments.sort((one, other) => one.startUs - other.startUs);
  const stored = segments.filter((one) => !one.lost);
  return {
    segments: stored,
    findings,
    originUs: stored[0]?.startUs ?? sinceUs,
    beginUs: sinceUs,
    open: async (segment, signal) => {
      const { epoch, period } = segment;
      const identity = identities.get(`period ${period} of epoch ${epoch}`)?.identity;
      if (identity === undefined) {
        throw new SealBroken(`${segmentName(segment)} is of a period that is not opened.`);
      }
      return openSegment(segment, identity, await fetchSealed(viewing.viewing, segment, signal));
    },
  };
}

function isOf(one: Segment, { camera, epoch, period }: Period): boolean {
  return one.camera === camera && one.epoch === epoch && one.period === period;
}

/** The segments by the manifest whose hash the ledger has; null while the period is open. */
async function provenBy(
  period: Period,
  { viewing }: Viewing,
  sinceUs: number,
  untilUs: number,
): Promise<Segment[] | null> {
  if (period.manifestSha256 === null) return null;
  const manifest = readManifest(await fetchManifest(viewing, period), period.manifestSha256);
  const { camera, epoch, period: number, documentSha256 } = manifest;
  if (
    camera !== period.camera ||
    epoch !== period.epoch ||
    number !== period.period ||
    documentSha256 !== period.documentSha256
  ) {
    throw new SealBroken("The manifest is of another period.", "Tell the auditor.");
  }
  return segmentsOf(manifest, sinceUs, untilUs);
}

/** What the server's list says of a closed period that its manifest does not. */
function differences(proven: readonly Segment[], listed: readonly Segment[]): string[] {
  const there = new Map(listed.map((one) => [one.segment, one]));
  const found = proven.flatMap((segment) => {
    const said = there.get(segment.segment);
    there.delete(segment.segment);
    const name = segmentName(segment);
    if (said === undefined) return [`The server left ${name} out of its list.`];
    if (said.startUs !== segment.startUs || said.endUs !== segment.endUs) {
      return [`The server's list moves ${name} in time.`];
    }
    if (said.size !== segment.size || said.sha256 !== segment.sha256) {
      return [`The server lists another object for ${name}.`];
    }
    return [];
  });
  const over = [...there.values()].map(
    (extra) => `The server lists ${segmentName(extra)}, and the manifest does not know it.`,
  );
  return [...found, ...over];
}
