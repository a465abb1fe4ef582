"""Every setting, its default and its limits, in one place.

Read once at start from ``scrim.toml`` in the data folder, then the environment
(``SCRIM_SERVER__PORT=8500``), then flags; later wins.  Nothing else in Scrim
reads the environment or a settings file.
"""

from __future__ import annotations

import tomllib
from pathlib import Path
from typing import Annotated, Any, Literal, Self

from pydantic import (
    BaseModel,
    ConfigDict,
    Field,
    ValidationError,
    field_validator,
    model_validator,
)
from pydantic_settings import BaseSettings, PydanticBaseSettingsSource, SettingsConfigDict
from pydantic_settings import SettingsError as SourceError

from scrim.errors import SettingsError
from scrim.policy import Policy, Style, cover_in

FILE_NAME = "scrim.toml"


_Side = Annotated[int, Field(ge=1, le=4096)]
_Finite = Annotated[float, Field(ge=-1e4, le=1e4)]
_Factor = Annotated[float, Field(gt=0, le=1e4)]


class _Section(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class Server(_Section):
    """The API and the console."""

    host: str = "127.0.0.1"
    port: int = Field(8460, ge=0, le=65535)
    session_hours: int = Field(12, ge=1, le=168)


class Recorder(_Section):
    """One camera's pipeline."""

    cameras_per_process: int = Field(1, ge=1, le=16)
    segment_seconds: float = Field(2.0, ge=1.0, le=10.0)
    longest_segment_seconds: float = Field(10.0, ge=2.0, le=30.0)
    period_seconds: float = Field(600.0, ge=2.0, le=86_400.0)
    queue_megabytes: int = Field(64, ge=4, le=1024)
    threads: int = Field(1, ge=1, le=16)


class Detector(_Section):
    """One ONNX detector that the operator brings: a table ``[[redaction.detectors]]``."""

    name: str = Field(pattern=r"^[a-z0-9](-?[a-z0-9])*$", max_length=40)
    kind: Literal["face", "head", "person", "vehicle", "plate"]
    model: Path
    sha256: str = Field(pattern=r"^[0-9a-fA-F]{64}$")
    licence: str = Field(min_length=2, max_length=100, pattern=r"^[A-Za-z0-9.+() -]+$")
    decoder: Literal[
        "yolo-v5",
        "yolo-v8",
        "yolo-end-to-end",
        "ssd-xyxy",
        "ssd-yxyx",
        "ssd-priors",
        "detr-softmax",
        "detr-sigmoid",
        "centernet",
    ]
    input_size: tuple[_Side, _Side]
    # bounded like redaction.threshold: no value switches a detector off
    threshold: float = Field(0.2, ge=0.01, le=0.5)
    mean: tuple[_Finite, _Finite, _Finite] = (0.0, 0.0, 0.0)
    scale: tuple[_Factor, _Factor, _Factor] = (1 / 255, 1 / 255, 1 / 255)
    channels: Literal["rgb", "bgr"] = "rgb"
    layout: Literal["nchw", "nhwc"] = "nchw"
    fit: Literal["letterbox", "stretch"] = "letterbox"
    classes: tuple[Annotated[int, Field(ge=0, le=2000)], ...] | None = Field(None, min_length=1)
    outputs: tuple[str, ...] | None = Field(None, min_length=1)
    strides: tuple[_Side, ...] = Field((8, 16, 32), min_length=1)
    min_sizes: tuple[tuple[_Side, ...], ...] = Field(
        ((16, 32), (64, 128), (256, 512)), min_length=1
    )

    @model_validator(mode="after")
    def _one_list_of_sizes_a_stride(self) -> Self:
        if len(self.strides) != len(self.min_sizes) or not all(self.min_sizes):
            raise ValueError("min_sizes needs one list of sizes for each of strides")
        return self


class Redaction(_Section):
    """What is covered, and how it is drawn."""

    # for cameras of which nothing else was said; words with commas, as on the command line
    cover: str = "faces"
    style: Style = Style.SOLID
    look_seconds: float = Field(0.8, ge=0.04, le=1.0)
    look_limit_seconds: float = Field(2.0, ge=0.1, le=5.0)
    # at 0.9 nothing would be covered: there is no setting that turns masking off
    threshold: float = Field(0.2, ge=0.01, le=0.3)
    margin: float = Field(1.45, ge=1.3, le=4.0)
    engine: Literal["auto", "onnxruntime", "openvino", "openvino-bf16", "int8", "openvino-int8"] = (
        "auto"
    )
    detectors: tuple[Detector, ...] = Field((), max_length=8)

    @field_validator("detectors")
    @classmethod
    def _names_differ(cls, detectors: tuple[Detector, ...]) -> tuple[Detector, ...]:
        names = [detector.name for detector in detectors]
        if len(set(names)) != len(names):
            raise ValueError("two detectors have the same name")
        return detectors

    @field_validator("cover", mode="before")
    @classmethod
    def _one_spelling(cls, value: Any) -> str:
        words = cover_in(value) if isinstance(value, str) else value
        try:
            cover = Policy.parse({"cover": words}).document()["cover"]
        except SettingsError as error:
            raise ValueError(str(error).rstrip(".")) from error
        assert isinstance(cover, list)
        return ",".join(map(str, cover))

    @property
    def policy(self) -> Policy:
        """What holds for a camera as far as its own policy is silent."""
        return Policy.parse({"cover": cover_in(self.cover), "style": self.style.value})


class Encoding(_Section):
    """The redacted side's H.264."""

    preset: Literal["ultrafast", "superfast", "veryfast", "faster", "fast"] = "superfast"
    crf: int = Field(26, ge=10, le=40)
    pass_through: bool = True
    encoder: Literal["auto", "libx264", "h264_nvenc", "h264_vaapi", "h264_qsv"] = "auto"


class LedgerSettings(_Section):
    """Heads and checkpoints."""

    origin: str = Field("scrim.local/ledger", min_length=3, max_length=200, pattern=r"^[!-*,-~]+$")
    heads_seconds: float = Field(3.0, ge=0.2, le=60.0)


_Code = Annotated[str, Field(pattern=r"^[a-z0-9]+(-[a-z0-9]+)*$", max_length=40)]


class CaseSettings(_Section):
    """What a case may ask for."""

    purposes: tuple[_Code, ...] = Field(
        ("criminal-investigation", "missing-person", "accident", "misconduct", "subject-access"),
        min_length=1,
        max_length=50,
    )
    longest_hours: int = Field(24, ge=1, le=744)
    longest_days: int = Field(90, ge=1, le=366)
    texts_days: int = Field(1461, ge=1, le=36600)


class NormsSettings(_Section):
    """Rules in force, and where the public reads what the cameras do."""

    packs_folder: Path | None = None
    public_url: str = Field("", max_length=200, pattern=r"^(https?://[!-~]+)?$")
    check_seconds: int = Field(300, ge=10, le=86_400)


class RetentionSettings(_Section):
    """How long recordings are kept where no norm pack says less, and how that is seen to."""

    sealed_days: int = Field(30, ge=1, le=3660)
    masked_days: int = Field(30, ge=1, le=3660)
    sweep_seconds: int = Field(60, ge=10, le=3600)
    clock_hours: int = Field(24, ge=1, le=720)


class SubjectSettings(_Section):
    """How long words that may name somebody are kept after what they are about is over."""

    refusals_days: int = Field(1461, ge=1, le=36600)
    answered_days: int = Field(366, ge=1, le=36600)
    words_days: int = Field(1461, ge=1, le=36600)


class AccessSettings(_Section):
    """Who gets in, and by which rules."""

    four_eyes: bool = True
    proposal_hours: int = Field(72, ge=1, le=720)
    idle_minutes: int = Field(60, ge=1, le=1440)
    oidc_issuer: str = ""
    oidc_client: str = ""
    oidc_secret_file: Path | None = None
    oidc_redirect: str = ""
    oidc_claim: str = Field("groups", min_length=1, max_length=100)
    # officers and custodians have keys; no provider makes one
    oidc_roles: dict[str, Literal["operator", "privacy-officer", "auditor", "engineer"]] = {}

    @model_validator(mode="after")
    def _all_of_oidc(self) -> Self:
        if self.oidc_issuer and not (self.oidc_client and self.oidc_redirect and self.oidc_roles):
            raise ValueError("oidc_issuer needs oidc_client, oidc_redirect and oidc_roles too")
        return self


class Settings(BaseSettings):
    """All settings of one deployment."""

    model_config = SettingsConfigDict(
        env_prefix="SCRIM_", env_nested_delimiter="__", extra="forbid", frozen=True
    )

    server: Server = Server()
    recorder: Recorder = Recorder()
    redaction: Redaction = Redaction()
    encoding: Encoding = Encoding()
    ledger: LedgerSettings = LedgerSettings()
    cases: CaseSettings = CaseSettings()
    norms: NormsSettings = NormsSettings()
    access: AccessSettings = AccessSettings()
    retention: RetentionSettings = RetentionSettings()
    subjects: SubjectSettings = SubjectSettings()

    @classmethod
    def settings_customise_sources(
        cls,
        settings_cls: type[BaseSettings],  # noqa: ARG003 - the base class names them
        init_settings: PydanticBaseSettingsSource,
        env_settings: PydanticBaseSettingsSource,
        dotenv_settings: PydanticBaseSettingsSource,  # noqa: ARG003
        file_secret_settings: PydanticBaseSettingsSource,  # noqa: ARG003
    ) -> tuple[PydanticBaseSettingsSource, ...]:
        # the file comes in as init arguments, and the environment wins over it
        return env_settings, init_settings


def load(folder: Path | None) -> Settings:
    """Settings from ``folder/scrim.toml`` (if there is one) and the environment.

    Raises:
        SettingsError: not TOML, an unknown key, or a value out of its limits; the
            message names the key.
    """
    values: dict[str, Any] = {}
    where = "the environment"
    if folder is not None:
        file = folder / FILE_NAME
        try:
            if file.exists():  # a name that is too long for the disk raises here
                where = str(file)
                values = tomllib.loads(file.read_text(encoding="utf-8"))
        except (tomllib.TOMLDecodeError, UnicodeDecodeError, OSError) as error:
            raise SettingsError(f"{file} cannot be read: {error}.", "Correct the file.") from error
    try:
        return Settings(**values)
    except SourceError as error:
        raise SettingsError(
            "A SCRIM_… variable that holds a whole section is not JSON.",
            'Set one key at a time, such as SCRIM_RECORDER__SEGMENT_SECONDS="2".',
        ) from error
    except ValidationError as error:
        first = error.errors()[0]
        key = ".".join(str(part) for part in first["loc"])
        raise SettingsError(
            f"Setting {key!r} ({where} or SCRIM_…) is wrong: {first['msg']}.",
            "See docs/ref/settings.md for what it may be.",
        ) from error
