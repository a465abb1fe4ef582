// Opened segments into a video element: by MediaSource, a few ahead of what is shown, and what was
// shown is let go again, so that memory stays as it is however long the interval.

import { SECOND_US } from "../time";
import type { Segment } from "../vault/manifest";
import { codecOf, withoutSound } from "./mp4";
import type { Originals } from "./originals";

const AHEAD_S = 20;
const BEHIND_S = 10;
/** A gap in what is buffered that a player would stop at for good. */
const LEAP_AFTER_MS = 400;

export type Report =
  | { phase: "opening" | "playing" | "ended" }
  | { phase: "failed"; sentence: string };

type Hooks = {
  report: (report: Report) => void;
  /** A segment that could not be shown, and why. */
  fault: (segment: Segment, sentence: string) => void;
};

export class Projector {
  private readonly source = new MediaSource();
  private readonly address: string;
  private readonly originUs: number;
  private buffer: SourceBuffer | null = null;
  private codec = "";
  private run = new AbortController();
  private over = false;
  private readonly timer: ReturnType<typeof setInterval>;
  private wantedUs: number;
  private stoodSince: number | null = null;
  private stoodAt = -1;

  constructor(
    private readonly video: HTMLVideoElement,
    private readonly originals: Originals,
    private readonly untilUs: number,
    private readonly hooks: Hooks,
  ) {
    this.originUs = originals.originUs;
    this.wantedUs = this.originUs;
    this.address = URL.createObjectURL(this.source);
    this.source.addEventListener("sourceopen", this.onOpen, { once: true });
    this.video.addEventListener("ended", this.onEnded);
    this.video.addEventListener("error", this.onError);
    this.timer = setInterval(() => this.leap(), 200);
    this.video.src = this.address;
  }

  /** UTC microseconds of the picture shown. */
  pictureUs(): number {
    return this.originUs + Math.round(this.video.currentTime * SECOND_US);
  }

  /** Shows the picture of that time, or the first one after it. */
  seek(wantedUs: number): void {
    const us = this.come(wantedUs);
    this.wantedUs = us;
    if (this.source.readyState === "closed") return; // goes there when it opens
    const seconds = Math.max(0, (us - this.originUs) / SECOND_US);
    if (isBuffered(this.video, seconds)) {
      this.video.currentTime = seconds;
      return;
    }
    const { segments } = this.originals;
    const found = segments.findIndex(({ endUs }) => endUs > us);
    this.restart(found < 0 ? segments.length : found, seconds);
  }

  /** That time, or of what is still coming the newest there is: the player would stand and wait. */
  private come(us: number): number {
    const { segments, follow } = this.originals;
    const last = segments.at(-1);
    if (follow === undefined || (last !== undefined && us < last.endUs)) return us;
    return last?.startUs ?? this.originUs;
  }

  end(): void {
    if (this.over) return;
    this.over = true;
    this.run.abort();
    clearInterval(this.timer);
    this.video.removeEventListener("ended", this.onEnded);
    this.video.removeEventListener("error", this.onError);
    this.video.removeAttribute("src");
    this.video.load(); // lets go of the clear pictures
    URL.revokeObjectURL(this.address);
  }

  private readonly onOpen = () => {
    const { segments, follow } = this.originals;
    const lastUs = segments.at(-1)?.endUs ?? this.originUs;
    const endUs = follow === undefined ? lastUs : Math.max(lastUs, this.untilUs);
    this.source.duration = (endUs - this.originUs) / SECOND_US;
    this.seek(this.wantedUs);
  };

  private restart(segment: number, seconds: number): void {
    this.run.abort();
    this.run = new AbortController();
    void this.feed(this.run.signal, segment, seconds);
  }

  private async feed(signal: AbortSignal, first: number, seconds: number): Promise<void> {
    try {
      await this.settled();
      signal.throwIfAborted();
      this.video.currentTime = seconds;
      for await (const segment of this.from(first, signal)) {
        await this.room(signal);
        await this.show(segment, signal);
      }
      await this.settled();
      signal.throwIfAborted();
      if (this.buffer === null)
        this.fail(
          this.originals.segments.length === 0
            ? "No picture came in the time of this case."
            : "None of the segments can be shown; each is named below.",
        );
      else if (this.source.readyState === "open") this.source.endOfStream();
    } catch (error) {
      if (this.over || signal.aborted) return;
      this.fail(error instanceof Error ? error.message : String(error));
    }
  }

  /** The segments from one on, those that are still to come with them. */
  private async *from(first: number, signal: AbortSignal): AsyncGenerator<Segment> {
    const { segments, follow } = this.originals;
    for (let at = first; ; ) {
      const segment = segments[at];
      if (segment !== undefined) {
        at += 1;
        yield segment;
      } else if (follow === undefined || !(await follow(signal))) return;
    }
  }

  private async show(segment: Segment, signal: AbortSignal): Promise<void> {
    let clear: Uint8Array<ArrayBuffer>;
    try {
      clear = withoutSound(await this.originals.open(segment, signal));
    } catch (error) {
      signal.throwIfAborted();
      if (!(error instanceof Error)) throw error;
      this.hooks.fault(segment, error.message);
      return;
    }
    const codec = codecOf(clear);
    if (codec === null || !MediaSource.isTypeSupported(mime(codec))) {
      this.hooks.fault(segment, unplayable(segment, codec));
      return;
    }
    await this.settled();
    signal.throwIfAborted();
    const buffer = this.bufferFor(codec);
    buffer.timestampOffset = (segment.startUs - this.originUs) / SECOND_US;
    buffer.appendBuffer(clear);
    await this.settled();
  }

  private bufferFor(codec: string): SourceBuffer {
    if (this.buffer === null) this.buffer = this.source.addSourceBuffer(mime(codec));
    else if (codec !== this.codec) this.buffer.changeType(mime(codec));
    this.codec = codec;
    return this.buffer;
  }

  /** Waits until little is buffered ahead, and lets go of what is far behind. */
  private async room(signal: AbortSignal): Promise<void> {
    while (bufferedAhead(this.video) > AHEAD_S) {
      await new Promise((done) => setTimeout(done, 250));
      signal.throwIfAborted();
    }
    const behind = this.video.currentTime - BEHIND_S;
    if (this.buffer === null || behind <= 0) return;
    await this.settled();
    this.buffer.remove(0, behind);
    await this.settled();
  }

  private async settled(): Promise<void> {
    const { buffer } = this;
    while (buffer?.updating) {
      await new Promise((done) => buffer.addEventListener("updateend", done, { once: true }));
    }
  }

  /** Where the recording has a hole, goes to where it goes on. */
  private leap(): void {
    const { currentTime, paused, ended } = this.video;
    if (currentTime !== this.stoodAt || paused || ended) {
      if (currentTime > this.stoodAt && this.stoodAt >= 0) this.hooks.report({ phase: "playing" });
      this.stoodAt = currentTime;
      this.stoodSince = null;
      return;
    }
    const now = performance.now();
    this.stoodSince ??= now;
    if (now - this.stoodSince < LEAP_AFTER_MS) return;
    const { buffered } = this.video;
    for (let at = 0; at < buffered.length; at++) {
      if (buffered.start(at) > currentTime) {
        this.video.currentTime = buffered.start(at);
        return;
      }
    }
  }

  private fail(sentence: string): void {
    this.hooks.report({ phase: "failed", sentence });
    this.run.abort();
  }

  private readonly onEnded = () => this.hooks.report({ phase: "ended" });

  private readonly onError = () => {
    if (this.over) return;
    const why = this.video.error?.message ?? "";
    this.fail(`The browser's player stopped. ${why} \`scrim case open\` writes the file itself.`);
  };
}

function mime(codec: string): string {
  return `video/mp4; codecs="${codec}"`;
}

function unplayable({ plain }: Segment, codec: string | null): string {
  const what = codec ?? (plain === null || plain.codec === "" ? "an unknown codec" : plain.codec);
  return `This browser does not play ${what}; \`scrim case open\` writes the file as the camera made it.`;
}

function isBuffered({ buffered }: HTMLVideoElement, seconds: number): boolean {
  for (let at = 0; at < buffered.length; at++) {
    if (buffered.start(at) <= seconds && seconds < buffered.end(at)) return true;
  }
  return false;
}

function bufferedAhead({ buffered, currentTime }: HTMLVideoElement): number {
  return buffered.length === 0 ? 0 : buffered.end(buffered.length - 1) - currentTime;
}
