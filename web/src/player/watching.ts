// One act of watching, from the logged opening of the view to its closing.
//
// Opens the view (the server writes its ledger entry first), plays its playlist, keeps it going
// through whatever happens, and closes the view at the end.

import workerPath from "hls.js/dist/hls.worker.js?url";
import Hls, {
  type ErrorData,
  ErrorDetails,
  ErrorTypes,
  Events,
  type HlsConfig,
} from "hls.js/light";
import { answer, client, Refused, type View, type ViewRequest } from "../api/client";
import { mediaTimeAt } from "../timeline/model";
import { backoff, type Failure, nextStep } from "./recovery";

export type Phase = "opening" | "loading" | "playing" | "waiting" | "refused" | "ended";
export type Report = { phase: Phase; sentence: string };

const COMMON: Partial<HlsConfig> = { enableWorker: true, workerPath, backBufferLength: 10 };
// How far behind live to stay is not set here: the playlist's PART-HOLD-BACK says it.
const LIVE: Partial<HlsConfig> = {
  ...COMMON,
  lowLatencyMode: true,
  liveDurationInfinity: true,
  maxLiveSyncPlaybackRate: 1.5,
  maxBufferLength: 10,
};
// Without parts a request is never held open, but the picture is some seconds behind.
const FAR: Partial<HlsConfig> = { ...LIVE, lowLatencyMode: false, liveSyncDurationCount: 2 };
const RECORDED: Partial<HlsConfig> = { ...COMMON, lowLatencyMode: false, maxBufferLength: 20 };

const PLAYLIST_ERRORS: string[] = [ErrorDetails.MANIFEST_LOAD_ERROR, ErrorDetails.LEVEL_LOAD_ERROR];

const WATCH_MS = 1000;
const STALLED_AFTER_MS = 8000;
const STEADY_AFTER_MS = 10_000;
const TOO_FAR_BEHIND_S = 8;

export class Watching {
  private hls: Hls | null = null;
  private view: View | null = null;
  private over = false;
  private tries = 0;
  private timer: ReturnType<typeof setTimeout> | undefined;
  private readonly watchdog: ReturnType<typeof setInterval>;
  private lastTime = -1;
  private lastMoved = performance.now();
  private movingSince: number | null = null;
  private goToMs: number | null;

  constructor(
    private readonly video: HTMLVideoElement,
    private readonly request: ViewRequest,
    private near: boolean,
    private readonly report: (report: Report) => void,
  ) {
    this.goToMs = request.since_us == null ? null : request.since_us / 1000;
    this.watchdog = setInterval(() => this.watch(), WATCH_MS);
    this.video.addEventListener("ended", this.onEnded);
    window.addEventListener("pagehide", this.onPageHide);
    void this.open();
  }

  /** UTC microseconds of the picture shown, from the playlist; null while there is none. */
  pictureUs(): number | null {
    const date = this.hls?.playingDate;
    return date ? date.getTime() * 1000 : null;
  }

  /** Goes to a time inside the view's interval. */
  seek(us: number): void {
    this.goToMs = us / 1000;
    this.goTo();
  }

  /** Chooses between the low-latency playlist and the plain one of the same view. */
  setNear(near: boolean): void {
    if (this.near === near) return;
    this.near = near;
    if (this.request.mode === "live" && this.hls !== null) this.load();
  }

  /** Stops, frees the player and closes the view. */
  end(): void {
    if (this.over) return;
    this.over = true;
    clearTimeout(this.timer);
    clearInterval(this.watchdog);
    this.video.removeEventListener("ended", this.onEnded);
    window.removeEventListener("pagehide", this.onPageHide);
    this.unload();
    this.close();
  }

  private async open(): Promise<void> {
    this.report({ phase: "opening", sentence: "Opening the view…" });
    let view: View;
    try {
      view = await answer(client.POST("/api/views", { body: this.request }));
    } catch (error) {
      if (!this.over) this.notOpened(error instanceof Refused ? error : new Refused(0, ""));
      return;
    }
    this.view = view;
    if (this.over) this.close();
    else this.load();
  }

  private notOpened(refused: Refused): void {
    if (refused.status >= 400 && refused.status < 500 && refused.status !== 429) {
      this.report({ phase: "refused", sentence: refused.message });
      return;
    }
    this.report({ phase: "waiting", sentence: refused.message });
    this.later(backoff(this.tries++, Math.random()), () => void this.open());
  }

  private load(): void {
    if (this.view === null) return;
    this.unload();
    this.report({ phase: "loading", sentence: "Waiting for the picture…" });
    const live = this.request.mode === "live";
    const hls = new Hls(live ? (this.near ? LIVE : FAR) : RECORDED);
    this.hls = hls;
    this.lastMoved = performance.now();
    hls.on(Events.ERROR, (_event, data) => this.onError(data));
    hls.on(Events.LEVEL_LOADED, () => this.goTo());
    hls.attachMedia(this.video);
    const { id, playlist } = this.view;
    hls.loadSource(live && !this.near ? `/media/${id}/plain.m3u8` : playlist);
    // muted pictures may start by themselves; a browser that refuses shows its own play button
    this.video.play().catch(() => undefined);
  }

  private unload(): void {
    if (this.request.mode === "recorded" && this.goToMs === null) {
      const us = this.pictureUs(); // where to go on, should it be loaded again
      this.goToMs = us === null ? null : us / 1000;
    }
    this.hls?.destroy();
    this.hls = null;
    this.lastTime = -1;
    this.movingSince = null;
  }

  private close(): void {
    const view = this.view;
    this.view = null;
    if (view === null) return;
    // the page may be going away, and so may the server: nobody is left to hear of a failure
    void fetch(`/api/views/${view.id}`, { method: "DELETE", keepalive: true }).catch(
      () => undefined,
    );
  }

  private onError(data: ErrorData): void {
    if (!data.fatal || this.over) return;
    if (data.type === ErrorTypes.MEDIA_ERROR) this.failed({ kind: "media" });
    else {
      const playlist = PLAYLIST_ERRORS.includes(data.details);
      this.failed({ kind: "network", status: data.response?.code ?? 0, playlist });
    }
  }

  private failed(failure: Failure): void {
    const step = nextStep(failure, this.request.mode, this.tries++, Math.random());
    if (step.act === "mend") {
      this.hls?.recoverMediaError();
      return;
    }
    this.unload();
    if (step.act === "stop") {
      this.report({ phase: "ended", sentence: "Nothing can be played from here." });
      return;
    }
    this.report({ phase: "waiting", sentence: "The picture stopped; trying again…" });
    if (step.act === "reopen") {
      this.close();
      this.later(step.waitMs, () => void this.open());
    } else {
      this.later(step.waitMs, () => this.load());
    }
  }

  private later(waitMs: number, act: () => void): void {
    clearTimeout(this.timer);
    this.timer = setTimeout(() => {
      if (!this.over) act();
    }, waitMs);
  }

  private watch(): void {
    const { video, hls } = this;
    if (hls === null || this.over) return;
    const now = performance.now();
    if (video.currentTime !== this.lastTime) {
      if (this.lastTime >= 0 && this.movingSince === null) {
        this.movingSince = now;
        this.report({ phase: "playing", sentence: "" });
      }
      this.lastTime = video.currentTime;
      this.lastMoved = now;
      if (this.movingSince !== null && now - this.movingSince > STEADY_AFTER_MS) this.tries = 0;
      if (this.request.mode === "live") this.catchUp(hls);
    } else if (video.paused || video.ended) {
      this.lastMoved = now;
    } else if (now - this.lastMoved > STALLED_AFTER_MS) {
      this.failed({ kind: "stalled" });
    }
  }

  private catchUp(hls: Hls): void {
    const live = hls.liveSyncPosition;
    if (live !== null && live - this.video.currentTime > TOO_FAR_BEHIND_S) {
      this.video.currentTime = live;
    }
  }

  private goTo(): void {
    const details = fragmentsOf(this.hls);
    if (this.goToMs === null || details === null) return;
    const media = mediaTimeAt(this.goToMs, details);
    this.goToMs = null;
    if (media !== null) {
      this.video.currentTime = media;
      this.video.play().catch(() => undefined);
    }
  }

  private readonly onEnded = () => {
    if (this.request.mode === "recorded") {
      this.report({ phase: "ended", sentence: "End of this stretch." });
    }
  };

  private readonly onPageHide = () => this.close();
}

function fragmentsOf(hls: Hls | null) {
  return hls?.latestLevelDetails?.fragments ?? null;
}
