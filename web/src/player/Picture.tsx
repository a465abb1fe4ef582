// The picture of one view, what time it shows, and what is the matter when there is none.

import { Button, Group } from "@mantine/core";
import { type Ref, useEffect, useImperativeHandle, useRef, useState } from "react";
import type { Status, ViewRequest } from "../api/client";
import { useNowUs } from "../clock";
import { look } from "../state";
import { agoText, dateText, SECOND_US, utcText } from "../time";
import classes from "./Picture.module.css";
import { type Report, Watching } from "./watching";

export type PictureHandle = { seek: (us: number) => void };

type Props = {
  ref: Ref<PictureHandle>;
  name: string;
  request: ViewRequest;
  near: boolean;
  /** The camera's, for a live picture. */
  status: Status | null;
  onPicture: (us: number | null) => void;
  onGoOn: () => void;
  /** Null where there is no live picture to go back to. */
  onLive: (() => void) | null;
};

/** An older picture is not called live. */
const LATE_US = 12 * SECOND_US;

const SPEEDS = [1, 2, 4, 8];

export function Picture({ ref, name, request, near, status, onPicture, onGoOn, onLive }: Props) {
  const video = useRef<HTMLVideoElement>(null);
  const watching = useRef<Watching>(null);
  const [report, setReport] = useState<Report>({ phase: "opening", sentence: "" });
  const [shownUs, setShownUs] = useState<number | null>(null);

  // near or far is no reason to close a view and open another: it goes to the one that is open
  const wanted = useRef(near);
  useEffect(() => {
    wanted.current = near;
    watching.current?.setNear(near);
  }, [near]);

  useEffect(() => {
    if (video.current === null) return;
    const act = new Watching(video.current, request, wanted.current, setReport);
    watching.current = act;
    const timer = setInterval(() => {
      const us = act.pictureUs();
      setShownUs(us);
      onPicture(us);
    }, 500);
    return () => {
      clearInterval(timer);
      act.end();
      watching.current = null;
      setShownUs(null);
      onPicture(null);
    };
  }, [request, onPicture]);

  useImperativeHandle(ref, () => ({ seek: (us) => watching.current?.seek(us) }), []);

  const recorded = request.mode === "recorded";
  return (
    <div className={classes.frame} data-recorded={recorded || undefined}>
      <video
        ref={video}
        className={classes.video}
        muted
        autoPlay
        playsInline
        aria-label={`${name}, ${recorded ? "recording" : "live"}, faces covered`}
      />
      <Stamp recorded={recorded} shownUs={shownUs} />
      <Trouble report={report} status={status} recorded={recorded}>
        {report.phase === "ended" && (
          <Group gap="xs" justify="center">
            <Button size="xs" onClick={onGoOn}>
              Play on
            </Button>
            {onLive !== null && (
              <Button size="xs" variant="default" onClick={onLive}>
                Back to live
              </Button>
            )}
          </Group>
        )}
      </Trouble>
      {recorded && <Controls video={video} />}
    </div>
  );
}

function Stamp({ recorded, shownUs }: { recorded: boolean; shownUs: number | null }) {
  const nowUs = useNowUs();
  if (shownUs === null) return null;
  const late = !recorded && nowUs - shownUs > LATE_US;
  return (
    <div className={classes.stamp} data-late={late || undefined}>
      <span className={classes.mode}>{recorded ? "RECORDING" : late ? "LATE" : "LIVE"}</span>
      <time title={utcText(shownUs)}>{dateText(shownUs)}</time>
      {(recorded || late) && <span className={classes.ago}>{agoText(shownUs, nowUs)}</span>}
    </div>
  );
}

type TroubleProps = {
  report: Report;
  status: Status | null;
  recorded: boolean;
  children: React.ReactNode;
};

/** A veil over the picture with a sentence, whenever what is seen is not what it seems. */
function Trouble({ report, status, recorded, children }: TroubleProps) {
  const state = recorded || status === null ? null : look(status);
  const away = state !== null && !state.picture;
  if (report.phase === "playing" && !away) return null;
  return (
    <div className={classes.veil}>
      <p>{away ? `${state.word}: ${state.detail}` : report.sentence}</p>
      {children}
    </div>
  );
}

function Controls({ video }: { video: React.RefObject<HTMLVideoElement | null> }) {
  const [paused, setPaused] = useState(false);
  const [speed, setSpeed] = useState(1);
  const toggle = () => {
    const element = video.current;
    if (element === null) return;
    if (element.paused) element.play().catch(() => undefined);
    else element.pause();
    setPaused(element.paused);
  };
  const faster = () => {
    const next = SPEEDS[(SPEEDS.indexOf(speed) + 1) % SPEEDS.length] ?? 1;
    if (video.current !== null) video.current.playbackRate = next;
    setSpeed(next);
  };
  useEffect(() => {
    const element = video.current;
    return () => {
      if (element !== null) element.playbackRate = 1;
    };
  }, [video]);
  return (
    <Group gap={6} className={classes.controls}>
      <Button size="compact-xs" variant="default" onClick={toggle}>
        {paused ? "Play" : "Pause"}
      </Button>
      <Button size="compact-xs" variant="default" onClick={faster} aria-label={`Speed ${speed}`}>
        {speed} ×
      </Button>
    </Group>
  );
}
