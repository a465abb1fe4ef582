"""Mask a video file: every frame decoded is in the output, covered or blanked.

Rules kept here:

- Frame count and time stamps are the input's; sound, subtitles, attachments and
  metadata are left out, since nobody looked into them.
- The output and the report appear whole under their names or not at all: both are
  written beside, and renamed at the end.
- Only redacted frames are written, and packets that :mod:`scrim.record.passage` lets stand
  for clear ones.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from contextlib import ExitStack
from dataclasses import dataclass, field
from pathlib import Path

from scrim.errors import SettingsError, SourceNotVideo
from scrim.record._report import Report, Summary
from scrim.record.film import FORMATS, Beside, FilmReader, FilmWriter, store_error
from scrim.redact import Detector, Policy, RedactedFrame, Redactor, State


@dataclass(slots=True)
class Result:
    """What :func:`redact_file` did.

    Attributes:
        frames, masked, clear, blanked: how many frames, and how many in each state.
        passed: clear frames that are the input's own packets, stripped.
        sound: sound tracks left out.
        cut_off: the input broke off before its end.
        blanked_because: reasons for blanked frames, and how many for each.
    """

    frames: int = 0
    masked: int = 0
    clear: int = 0
    blanked: int = 0
    passed: int = 0
    sound: int = 0
    cut_off: bool = False
    blanked_because: dict[str, int] = field(default_factory=dict)


def check_paths(source: Path, output: Path, report: Path | None) -> None:
    """Refuse what could destroy a file.

    Raises:
        SettingsError: the output's suffix is unknown, or two of the files are one.
    """
    if output.suffix.lower() not in FORMATS:
        raise SettingsError(
            f"{output.name} is neither .mp4 nor .mkv.", "Name the output with one of these."
        )
    if _same(source, output):
        raise SettingsError("The output is the input.", "Give the output another name.")
    if report is not None and (_same(report, source) or _same(report, output)):
        raise SettingsError(
            "The report would overwrite the input or the output.", "Give it another name."
        )


def redact_file(
    source: Path,
    output: Path,
    *,
    detector: Detector,
    others: Sequence[Detector] = (),
    people: Detector | None = None,
    policy: Policy | None = None,
    report: Path | None = None,
    threads: int = 1,
    progress: Callable[[int, int | None], None] = lambda _done, _total: None,
) -> Result:
    """Mask ``source`` into ``output``.

    Args:
        source: anything FFmpeg reads.
        output: ``.mp4`` or ``.mkv``; replaced if it is there.
        detector: what finds faces.
        others: what finds other things.
        people: what finds whole people.
        policy: what is covered and how masks look; faces, solid, where left out.
        report: where to write which boxes were covered, as JSON.
        threads: for decoding and encoding.
        progress: called with frames done and their number, where the file tells.

    Raises:
        SourceMissing: no such file, or it may not be read.
        SourceNotVideo: no picture in it.
        SettingsError: see :func:`check_paths`.
        StoreFull, StoreError: the output cannot be written.
    """
    check_paths(source, output, report)
    with ExitStack() as cleanup:
        reader = cleanup.enter_context(FilmReader(source, threads, policy or Policy()))
        new_output = cleanup.enter_context(Beside(output))
        new_report = cleanup.enter_context(Beside(report)) if report is not None else None
        try:
            result = _run(
                reader,
                Redactor(detector, others=others, people=people, policy=policy),
                FilmWriter(new_output.path, FORMATS[output.suffix.lower()], reader, threads),
                Report(new_report.path, source.name) if new_report is not None else None,
                progress,
            )
            if new_report is not None:
                new_report.keep()
            new_output.keep()
        except OSError as error:
            raise store_error(error, output) from error
    return result


def _run(
    reader: FilmReader,
    redactor: Redactor,
    writer: FilmWriter,
    report: Report | None,
    progress: Callable[[int, int | None], None],
) -> Result:
    result = Result(sound=reader.sound)
    times: dict[int, tuple[int, int]] = {}

    def write(frames: list[RedactedFrame]) -> None:
        for frame in frames:
            pts, duration = times.pop(frame.index)
            result.passed += writer.write(frame, pts, duration)
            if report is not None:
                if result.frames == 0:
                    report.begin(reader.size)
                report.frame(frame, float(pts * reader.time_base))
            _count(result, frame)
        progress(result.frames, reader.total)

    try:
        for frame, pts, duration in reader.frames():
            times[frame.index] = (pts, duration)
            write(redactor.push(frame))
        write(redactor.flush())
        if result.frames == 0:
            raise SourceNotVideo(
                f"{reader.source.name} holds no picture that can be decoded.",
                "It may be cut off or damaged; take it from its source again.",
            )
        result.cut_off = reader.cut_off
        if report is not None:
            report.finish(_summary(result))
    finally:
        try:
            writer.close()
        finally:
            if report is not None:
                report.close()
    return result


def _count(result: Result, frame: RedactedFrame) -> None:
    result.frames += 1
    match frame.state:
        case State.MASKED:
            result.masked += 1
        case State.CLEAR:
            result.clear += 1
        case State.BLANKED:
            result.blanked += 1
            because = result.blanked_because
            because[frame.reason] = because.get(frame.reason, 0) + 1


def _summary(result: Result) -> Summary:
    return Summary(
        frames=result.frames,
        masked=result.masked,
        clear=result.clear,
        blanked=result.blanked,
        passed=result.passed,
        blanked_because=result.blanked_because,
        sound_dropped=result.sound > 0,
        cut_off=result.cut_off,
    )


def _same(one: Path, other: Path) -> bool:
    try:
        return one.samefile(other)
    except OSError:
        return one.resolve() == other.resolve()
