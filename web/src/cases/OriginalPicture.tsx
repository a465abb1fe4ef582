// The opened picture with case and officer drawn over it, and what did not hold named below it.

import { Alert, Button, Group } from "@mantine/core";
import { useEffect, useRef, useState } from "react";
import { dateText, SECOND_US, utcText } from "../time";
import { segmentName } from "../vault/segment";
import classes from "./Cases.module.css";
import type { Finding, Originals } from "./originals";
import { Projector, type Report } from "./projector";
import { counted } from "./words";

type Props = {
  camera: string;
  originals: Originals;
  mark: string;
  sinceUs: number;
  untilUs: number;
};

const SPEEDS = [1, 2, 4, 8];
const TILES = Array.from({ length: 24 }, (_, at) => `tile ${at}`);

export function OriginalPicture({ camera, originals, mark, sinceUs, untilUs }: Props) {
  const video = useRef<HTMLVideoElement>(null);
  const projector = useRef<Projector>(null);
  const [report, setReport] = useState<Report>({ phase: "opening" });
  const [faults, setFaults] = useState<Finding[]>([]);
  const [shownUs, setShownUs] = useState(sinceUs);
  const [paused, setPaused] = useState(true);
  useEffect(() => {
    const element = video.current;
    if (element === null || isEmpty(originals)) return;
    const act = new Projector(element, originals, untilUs, {
      report: setReport,
      fault: (segment, sentence) => {
        const id = segmentName(segment);
        setFaults((known) =>
          known.some((one) => one.id === id) ? known : [...known, { id, sentence }],
        );
      },
    });
    projector.current = act;
    act.seek(originals.beginUs);
    element.play().catch(() => undefined);
    const timer = setInterval(() => {
      const us = act.pictureUs();
      setShownUs(Math.min(Math.max(us, sinceUs), untilUs));
      if (us >= untilUs) element.pause(); // what lies beyond was not asked for
    }, 250);
    return () => {
      clearInterval(timer);
      act.end();
      projector.current = null;
    };
  }, [originals, sinceUs, untilUs]);
  const nothing = isEmpty(originals);
  return (
    <>
      <div className={classes.frame} data-testid="original">
        <video
          ref={video}
          className={classes.video}
          muted
          playsInline
          disablePictureInPicture
          disableRemotePlayback
          aria-label={`${camera}, original recording, nothing covered; ${mark}`}
          onPlay={() => setPaused(false)}
          onPause={() => setPaused(true)}
          onContextMenu={(event) => event.preventDefault()}
        />
        <div className={classes.marks} aria-hidden data-testid="watermark">
          {TILES.map((tile) => (
            <span key={tile}>{mark}</span>
          ))}
        </div>
        <div className={classes.stamp}>
          <span className={classes.mode}>
            {originals.follow === undefined ? "ORIGINAL" : "LIVE ORIGINAL"}
          </span>
          <time title={utcText(shownUs)}>{dateText(shownUs)}</time>
        </div>
        {(nothing || report.phase === "opening" || report.phase === "failed") && (
          <div className={classes.veil}>
            <p>{nothing ? "There is nothing that can be shown." : words(report, originals)}</p>
          </div>
        )}
      </div>
      {!nothing && (
        <Controls
          video={video}
          paused={paused}
          shownUs={shownUs}
          sinceUs={sinceUs}
          untilUs={untilUs}
          onSeek={(us) => {
            setShownUs(us);
            projector.current?.seek(us);
          }}
        />
      )}
      {originals.segments.some(({ plain }) => plain?.sound === true) && (
        <p className={classes.lead} data-testid="sound">
          There is sound with these pictures. It is not played here; it is in the files that{" "}
          <code>scrim case open</code> writes.
        </p>
      )}
      <Findings of={[...originals.findings, ...faults]} />
    </>
  );
}

/** Whether nothing is there and nothing comes. */
function isEmpty({ segments, follow }: Originals): boolean {
  return segments.length === 0 && follow === undefined;
}

function words(report: Report, { segments }: Originals): string {
  if (report.phase === "failed") return report.sentence;
  return segments.length === 0 ? "Waiting for the first pictures…" : "Opening…";
}

type ControlsProps = {
  video: React.RefObject<HTMLVideoElement | null>;
  paused: boolean;
  shownUs: number;
  sinceUs: number;
  untilUs: number;
  onSeek: (us: number) => void;
};

function Controls({ video, paused, shownUs, sinceUs, untilUs, onSeek }: ControlsProps) {
  const [speed, setSpeed] = useState(1);
  const toggle = () => {
    const element = video.current;
    if (element === null) return;
    if (!element.paused) element.pause();
    else {
      if (shownUs >= untilUs) onSeek(sinceUs);
      element.play().catch(() => undefined);
    }
  };
  const faster = () => {
    const next = SPEEDS[(SPEEDS.indexOf(speed) + 1) % SPEEDS.length] ?? 1;
    if (video.current !== null) video.current.playbackRate = next;
    setSpeed(next);
  };
  return (
    <Group gap="xs" wrap="nowrap">
      <Button size="compact-sm" variant="default" onClick={toggle}>
        {paused ? "Play" : "Pause"}
      </Button>
      <Button
        size="compact-sm"
        variant="default"
        onClick={faster}
        aria-label={`Speed ${speed} times`}
      >
        {speed} ×
      </Button>
      <input
        type="range"
        className={classes.slider}
        aria-label="Time"
        aria-valuetext={dateText(shownUs)}
        min={0}
        max={Math.ceil((untilUs - sinceUs) / SECOND_US)}
        value={Math.round((shownUs - sinceUs) / SECOND_US)}
        onChange={(event) => onSeek(sinceUs + Number(event.currentTarget.value) * SECOND_US)}
      />
    </Group>
  );
}

/** What was left out or is not proved; in sight, for nobody looks for what is missing. */
function Findings({ of }: { of: Finding[] }) {
  if (of.length === 0) return null;
  return (
    <Alert
      color="orange"
      title={`${counted(of.length, "thing")} to know about this recording`}
      data-testid="findings"
    >
      <ul className={classes.findings}>
        {of.map(({ id, sentence }) => (
          <li key={id}>{sentence}</li>
        ))}
      </ul>
    </Alert>
  );
}
