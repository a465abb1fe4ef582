// One camera: its picture, its state in words, its figures and its timeline.

import { Button, Group, Tooltip } from "@mantine/core";
import { useCallback, useMemo, useRef, useState } from "react";
import type { Camera, Policy, Reason, Status, ViewRequest } from "../api/client";
import { useNowUs } from "../clock";
import { Picture, type PictureHandle } from "../player/Picture";
import { look, rungWords } from "../state";
import { agoText, MINUTE_US, spanText } from "../time";
import { TimelineBar } from "../timeline/TimelineBar";
import classes from "./CameraTile.module.css";
import { Papers } from "./Papers";
import { coverText, zonesText } from "./policy";
import { Unmet } from "./Unmet";

type Props = {
  camera: Camera;
  reason: Reason;
  large: boolean;
  near: boolean;
  onLarge: (() => void) | null;
};

type Interval = { sinceUs: number; untilUs: number };

/** How much is opened by one click on the timeline: each view is one entry in the ledger. */
const STRETCH_US = 10 * MINUTE_US;

export function CameraTile({ camera, reason, large, near, onLarge }: Props) {
  const { status } = camera;
  const [interval, setInterval] = useState<Interval | null>(null);
  const [pictureUs, setPictureUs] = useState<number | null>(null);
  const picture = useRef<PictureHandle>(null);
  const request = useMemo<ViewRequest>(
    () =>
      interval === null
        ? { camera: camera.id, mode: "live", reason }
        : {
            camera: camera.id,
            mode: "recorded",
            since_us: interval.sinceUs,
            until_us: interval.untilUs,
            reason,
          },
    [camera.id, reason, interval],
  );
  const newest = status.masked_until_us;
  const play = useCallback(
    (us: number) => {
      if (interval !== null && interval.sinceUs <= us && us < interval.untilUs) {
        picture.current?.seek(us);
        return;
      }
      setInterval({ sinceUs: us, untilUs: Math.min(us + STRETCH_US, newest ?? us + STRETCH_US) });
    },
    [interval, newest],
  );
  const goOn = () => interval !== null && play(interval.untilUs);
  return (
    <article className={classes.tile} data-large={large || undefined} data-camera={camera.id}>
      <header className={classes.head}>
        <h2 className={classes.name}>{camera.name}</h2>
        <StateBadge status={status} />
        <Group gap={6} ml="auto" wrap="nowrap">
          {interval !== null && (
            <Button size="compact-xs" color="teal" onClick={() => setInterval(null)}>
              Back to live
            </Button>
          )}
          {onLarge !== null && (
            <Button size="compact-xs" variant="default" onClick={onLarge} aria-pressed={large}>
              {large ? "Smaller" : "Larger"}
            </Button>
          )}
        </Group>
      </header>
      <Rung status={status} />
      <Picture
        ref={picture}
        name={camera.name}
        request={request}
        near={near}
        status={status}
        onPicture={setPictureUs}
        onGoOn={goOn}
        onLive={() => setInterval(null)}
      />
      <Figures status={status} policy={camera.policy} />
      <Warnings of={camera.warnings} />
      <Papers waits={camera.waits} expiring={camera.expiring} />
      <Unmet of={camera.norms} />
      <TimelineBar
        camera={camera.id}
        name={camera.name}
        playingUs={pictureUs}
        live={interval === null}
        onPlay={play}
      />
    </article>
  );
}

function StateBadge({ status }: { status: Status }) {
  const { word, detail, colour } = look(status);
  return (
    <span className={classes.state} data-colour={colour} data-testid="state">
      <span className={classes.dot} />
      <span className={classes.word}>{word}</span>
      <span className={classes.detail}>{detail}</span>
    </span>
  );
}

/** What one should know about the policy; always in sight, for nobody looks for what is weak. */
function Warnings({ of }: { of: string[] }) {
  if (of.length === 0) return null;
  return (
    <ul className={classes.warnings} data-testid="warnings">
      {of.map((warning) => (
        <li key={warning}>{warning}</li>
      ))}
    </ul>
  );
}

function Rung({ status }: { status: Status }) {
  const words = rungWords(status);
  return words === "" ? null : (
    <p className={classes.rung} data-testid="rung">
      {words}
    </p>
  );
}

function Figures({ status, policy }: { status: Status; policy: Policy }) {
  const nowUs = useNowUs();
  const sealed = status.sealed_until_us;
  return (
    <dl className={classes.figures}>
      <Figure name="Frames a second" value={status.frames_per_second.toFixed(1)} />
      {status.sound && <Figure name="Sound" value="recorded, sealed" />}
      <Figure
        name="Added latency"
        value={spanText(status.latency_ms * 1000)}
        hint="From capture until the masked picture can be fetched"
      />
      <Figure
        name="Sealed until"
        value={sealed == null ? "nothing yet" : agoText(sealed, nowUs)}
        hint="The newest original that is sealed and stored"
      />
      <Figure
        name="Dropped"
        value={status.dropped.toLocaleString("en")}
        hint="Masked frames left out because the machine was too slow; originals are never left out"
        bad={status.dropped > 0}
      />
      <Figure name="Size" value={status.width > 0 ? `${status.width} × ${status.height}` : "–"} />
      <Figure name="Covers" value={coverText(policy)} hint={zonesText(policy)} />
    </dl>
  );
}

type FigureProps = { name: string; value: string; hint?: string; bad?: boolean };

function Figure({ name, value, hint, bad = false }: FigureProps) {
  const body = (
    <div data-bad={bad || undefined}>
      <dt>{name}</dt>
      <dd>{value}</dd>
    </div>
  );
  return hint === undefined ? (
    body
  ) : (
    <Tooltip label={hint} events={{ hover: true, focus: true, touch: true }} multiline maw={260}>
      {body}
    </Tooltip>
  );
}
