"""Presets: well-known models that fill in the middle, where they lie once downloaded, and which
model is in use.

Owns the list, the folders and the choice. Opens no connection: `hub` does.
"""

from __future__ import annotations

import functools
import json
from pathlib import Path

import platformdirs
from pydantic import BaseModel, ConfigDict, Field, TypeAdapter, ValidationError

from tenon.engine.engine import EngineError
from tenon.engine.models import bundled

_LIST = Path(__file__).parent.parent / "models" / "presets.json"
WORKING_MEMORY = 400_000_000
"""Bytes beside the weights: the context, llama.cpp's buffers, and the server itself."""


class Preset(BaseModel):
    """A model that can be pulled by name. Sizes are those that the hub showed, rounded."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    name: str
    repository: str = Field(description="On the hub.")
    file: str
    licence: str
    parameters: int = Field(gt=0)
    size: int = Field(gt=0, description="Bytes of the file, about.")
    active_share: float = Field(
        default=1.0, gt=0, le=1, description="Of the weights, those that one token reads."
    )
    context_length: int = Field(gt=0)
    note: str

    @property
    def memory(self) -> int:
        """Bytes that using it takes, about."""
        return self.size + WORKING_MEMORY

    @property
    def path(self) -> Path:
        """Where it lies once it has been pulled."""
        return folder() / self.name / self.file


@functools.cache
def presets() -> tuple[Preset, ...]:
    return TypeAdapter(tuple[Preset, ...]).validate_json(_LIST.read_bytes())


def preset(name: str) -> Preset | None:
    return next((each for each in presets() if each.name == name), None)


def folder() -> Path:
    """Where pulled models lie."""
    return platformdirs.user_data_path("tenon") / "models"


class _Choice(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")

    path: Path


def chosen() -> Path | None:
    """The model that `choose` was last told, None for the bundled one. Raises EngineError where
    the choice cannot be read, or its file is gone."""
    file = _choice_file()
    try:
        choice = _Choice.model_validate_json(file.read_bytes())
    except FileNotFoundError:
        return None
    except (OSError, ValidationError) as error:
        raise EngineError(
            f"{file}: the chosen model cannot be read from it; choose again: tenon model use NAME"
        ) from error
    if not choice.path.is_file():
        raise EngineError(
            f"{choice.path}: the chosen model is gone; choose again: tenon model use NAME, "
            "or bundled"
        )
    return choice.path


def choose(path: Path | None) -> None:
    """Use the model at `path` from now on wherever no setting names one; None: the bundled one.

    Raises EngineError where the choice cannot be written.
    """
    file = _choice_file()
    try:
        if path is None:
            file.unlink(missing_ok=True)
            return
        file.parent.mkdir(parents=True, exist_ok=True)
        fresh = file.with_suffix(".new")
        fresh.write_text(json.dumps({"path": str(path.absolute())}), encoding="utf-8")
        fresh.replace(file)
    except OSError as error:
        raise EngineError(f"{file}: the choice cannot be kept: {error.strerror}") from error


def in_use(setting: str | None) -> Path:
    """The model that a setting names, else the chosen one, else the bundled one."""
    if setting:
        return Path(setting).expanduser()
    return chosen() or bundled()


def _choice_file() -> Path:
    return platformdirs.user_config_path("tenon") / "model.json"
