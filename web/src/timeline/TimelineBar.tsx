// What is recorded, what is missing and why; a click plays from there.

import { Button, Group, Popover } from "@mantine/core";
import { useEffect, useMemo, useRef, useState } from "react";
import { useTimeline } from "../api/queries";
import { useNowUs } from "../clock";
import { clockText, DAY_US, dateText, HOUR_US, MINUTE_US, SECOND_US, spanText } from "../time";
import {
  clipped,
  type Gap,
  gapAt,
  gapText,
  moved,
  nextRecorded,
  place,
  recordedAt,
  type Span,
  ticks,
  timeAt,
  type Window,
  zoomed,
} from "./model";
import classes from "./TimelineBar.module.css";

type Props = {
  camera: string;
  name: string;
  playingUs: number | null;
  live: boolean;
  onPlay: (us: number) => void;
};

const WIDTHS: [string, number][] = [
  ["10 min", 10 * MINUTE_US],
  ["1 h", HOUR_US],
  ["6 h", 6 * HOUR_US],
  ["24 h", DAY_US],
];

/** How often a window that follows the clock is asked for again. */
const RENEW_US = 4 * SECOND_US;

export function TimelineBar({ camera, name, playingUs, live, onPlay }: Props) {
  const nowUs = useNowUs();
  const [width, setWidth] = useState(HOUR_US);
  const [fixed, setFixed] = useState<Window | null>(null);
  const window = fixed ?? { sinceUs: nowUs - width, untilUs: nowUs };
  const renewed = Math.ceil(window.untilUs / RENEW_US) * RENEW_US;
  const timeline = useTimeline(
    camera,
    renewed - (window.untilUs - window.sinceUs) - RENEW_US,
    renewed,
  );
  const spans: Span[] = timeline.data?.spans ?? [];
  const gaps: Gap[] = timeline.data?.gaps ?? [];
  const erased: Span[] = timeline.data?.erased ?? [];
  const seen = gaps.filter((gap) => clipped(gap.since_us, gap.until_us ?? nowUs, window) !== null);

  /** Takes a new window; one that ends at now follows the clock again. */
  const take = (wanted: Window) => {
    setWidth(wanted.untilUs - wanted.sinceUs);
    setFixed(wanted.untilUs >= nowUs - SECOND_US ? null : wanted);
  };
  const play = (us: number) => {
    const from = recordedAt(us, spans) ? us : nextRecorded(us, spans);
    if (from !== null) onPlay(from);
  };
  return (
    <section className={classes.timeline} aria-label={`Recordings of ${name}`}>
      <Bar
        name={name}
        window={window}
        nowUs={nowUs}
        spans={spans}
        gaps={seen}
        erased={erased}
        playingUs={playingUs}
        live={live}
        onWindow={take}
        onPlay={play}
      />
      <Group gap={4} mt={6} className={classes.tools}>
        <Button.Group>
          {WIDTHS.map(([label, us]) => (
            <Button
              key={label}
              size="compact-xs"
              variant={width === us ? "light" : "default"}
              aria-pressed={width === us}
              onClick={() => take(zoomed(window, us / (window.untilUs - window.sinceUs), 1, nowUs))}
            >
              {label}
            </Button>
          ))}
        </Button.Group>
        <Button.Group>
          <Button
            size="compact-xs"
            variant="default"
            aria-label="Earlier"
            onClick={() => take(moved(window, -0.5, nowUs))}
          >
            ‹
          </Button>
          <Button
            size="compact-xs"
            variant="default"
            aria-label="Later"
            disabled={fixed === null}
            onClick={() => take(moved(window, 0.5, nowUs))}
          >
            ›
          </Button>
        </Button.Group>
        {fixed !== null && (
          <Button size="compact-xs" variant="default" onClick={() => setFixed(null)}>
            To now
          </Button>
        )}
        <span className={classes.legend} aria-hidden="true">
          <i className={classes.spanKey} /> recorded <i className={classes.gapKey} /> gap
        </span>
        <GapList gaps={seen} nowUs={nowUs} />
        {timeline.isError && <span className={classes.failure}>{timeline.error.message}</span>}
      </Group>
    </section>
  );
}

function GapList({ gaps, nowUs }: { gaps: Gap[]; nowUs: number }) {
  if (gaps.length === 0) return null;
  return (
    <Popover position="bottom-end" withArrow shadow="md" trapFocus returnFocus>
      <Popover.Target>
        <Button size="compact-xs" variant="subtle" color="orange">
          {gaps.length === 1 ? "1 gap" : `${gaps.length} gaps`}
        </Button>
      </Popover.Target>
      <Popover.Dropdown className={classes.gaps} tabIndex={-1} data-autofocus>
        <ul>
          {gaps.toReversed().map((gap) => (
            <li key={`${gap.since_us} ${gap.side} ${gap.cause}`}>
              <strong>{dateText(gap.since_us)}</strong>{" "}
              {gap.until_us == null
                ? `for ${spanText(nowUs - gap.since_us)}, still lasting`
                : `for ${spanText(gap.until_us - gap.since_us)}`}
              : {gapText(gap)}
            </li>
          ))}
        </ul>
      </Popover.Dropdown>
    </Popover>
  );
}

type BarProps = {
  name: string;
  window: Window;
  nowUs: number;
  spans: Span[];
  gaps: Gap[];
  erased: Span[];
  playingUs: number | null;
  live: boolean;
  onWindow: (window: Window) => void;
  onPlay: (us: number) => void;
};

const percent = (share: number) => `${(share * 100).toFixed(3)}%`;

function Bar(props: BarProps) {
  const { name, window, nowUs, spans, gaps, erased, playingUs, live, onWindow, onPlay } = props;
  const bar = useRef<HTMLDivElement>(null);
  const [pointed, setPointed] = useState<number | null>(null);
  const share = (clientX: number) => {
    const box = bar.current?.getBoundingClientRect();
    return box === undefined ? 0 : Math.min(1, Math.max(0, (clientX - box.left) / box.width));
  };
  const wheel = useRef<(event: WheelEvent) => void>(() => undefined);
  wheel.current = (event) => {
    event.preventDefault();
    onWindow(zoomed(window, event.deltaY > 0 ? 1.25 : 0.8, share(event.clientX), nowUs));
  };
  useEffect(() => {
    // React listens to wheels passively, and a passive listener cannot keep the page from scrolling
    const element = bar.current;
    const listen = (event: WheelEvent) => wheel.current(event);
    element?.addEventListener("wheel", listen, { passive: false });
    return () => element?.removeEventListener("wheel", listen);
  }, []);
  const at =
    pointed ?? (playingUs === null ? 1 : Math.min(1, Math.max(0, place(playingUs, window))));
  const press = (event: React.KeyboardEvent) => {
    const step = event.shiftKey ? 0.1 : 0.01;
    switch (event.key) {
      case "ArrowLeft":
        setPointed(Math.max(0, at - step));
        break;
      case "ArrowRight":
        setPointed(Math.min(1, at + step));
        break;
      case "Home":
        setPointed(0);
        break;
      case "End":
        setPointed(1);
        break;
      case "+":
        onWindow(zoomed(window, 0.5, at, nowUs));
        break;
      case "-":
        onWindow(zoomed(window, 2, at, nowUs));
        break;
      case "Enter":
        onPlay(timeAt(at, window));
        break;
      default:
        return;
    }
    event.preventDefault();
  };
  const marks = useMemo(() => ticks(window, 7), [window]);
  return (
    <div className={classes.wrap}>
      <div
        ref={bar}
        className={classes.bar}
        role="slider"
        tabIndex={0}
        aria-label={`Timeline of ${name}. Arrow keys choose a time, Enter plays it, plus and minus zoom.`}
        aria-valuemin={Math.round(window.sinceUs / SECOND_US)}
        aria-valuemax={Math.round(window.untilUs / SECOND_US)}
        aria-valuenow={Math.round(timeAt(at, window) / SECOND_US)}
        aria-valuetext={told(timeAt(at, window), spans, gaps, erased, nowUs)}
        onPointerMove={(event) => setPointed(share(event.clientX))}
        onPointerLeave={() => setPointed(null)}
        onBlur={() => setPointed(null)}
        onClick={(event) => onPlay(timeAt(share(event.clientX), window))}
        onKeyDown={press}
      >
        {spans.map((span) => (
          <Piece
            key={span.since_us}
            kind={classes.span}
            since={span.since_us}
            until={span.until_us}
            window={window}
          />
        ))}
        {erased.map((span) => (
          <Piece
            key={`erased ${span.since_us}`}
            kind={classes.erased}
            since={span.since_us}
            until={span.until_us}
            window={window}
          />
        ))}
        {gaps.map((gap) => (
          <Piece
            key={`${gap.since_us} ${gap.side} ${gap.cause}`}
            kind={classes.gap}
            since={gap.since_us}
            until={gap.until_us ?? nowUs}
            window={window}
          />
        ))}
        {playingUs !== null && place(playingUs, window) >= 0 && (
          <div
            className={classes.head}
            data-live={live || undefined}
            style={{ left: percent(Math.min(1, place(playingUs, window))) }}
          />
        )}
        {pointed !== null && (
          <div
            className={classes.pointer}
            data-side={pointed > 0.6 ? "left" : "right"}
            style={{ left: percent(pointed) }}
          >
            <span className={classes.said}>
              {told(timeAt(pointed, window), spans, gaps, erased, nowUs)}
            </span>
          </div>
        )}
      </div>
      <div className={classes.ticks} aria-hidden="true">
        {marks.map((us) => (
          <span key={us} className={classes.tick} style={{ left: percent(place(us, window)) }}>
            {window.untilUs - window.sinceUs > 15 * MINUTE_US
              ? clockText(us).slice(0, 5)
              : clockText(us)}
          </span>
        ))}
      </div>
    </div>
  );
}

function told(us: number, spans: Span[], gaps: Gap[], erased: Span[], nowUs: number): string {
  const gap = gapAt(us, gaps, nowUs);
  if (recordedAt(us, spans)) return `${clockText(us)} recorded`;
  if (recordedAt(us, erased)) return `${clockText(us)} erased, its time was over`;
  if (gap !== undefined) return `${clockText(us)} gap: ${gapText(gap)}`;
  return `${clockText(us)} nothing recorded`;
}

type PieceProps = { kind: string | undefined; since: number; until: number; window: Window };

function Piece({ kind, since, until, window }: PieceProps) {
  const part = clipped(since, until, window);
  if (part === null) return null;
  return <div className={kind} style={{ left: percent(part.start), width: percent(part.width) }} />;
}
