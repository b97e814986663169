"""The models Tenon knows: the bundled one and its manifest; what may be assumed of others."""

from __future__ import annotations

import functools
import hashlib
from pathlib import Path

from pydantic import BaseModel, ConfigDict, Field

from tenon.engine.engine import EngineError

_FOLDER = Path(__file__).parent.parent / "models"
_LARGEST_WINDOW = 4096
"""A model whose training nobody described is not asked to read more than this: time grows,
and little that stands farther away matters."""


class Fim(BaseModel):
    """Text of the markers, as the vocabulary spells them."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    prefix: str
    suffix: str
    middle: str


class Manifest(BaseModel):
    """What is known of a model file beyond what the file says itself."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    file: str
    sha256: str = Field(pattern="^[0-9a-f]{64}$")
    size: int = Field(gt=0, description="Bytes.")
    name: str
    description: str
    licence: str = Field(description="SPDX expression, of the weights.")
    quantisation: str
    parameters: int = Field(gt=0)
    context_length: int = Field(gt=0, description="Tokens its positions reach.")
    trained_window: int = Field(gt=0, description="Tokens of prompt it was trained to read.")
    suffix_lines: int | None = Field(
        default=None,
        ge=0,
        description="Lines after the cursor's own that make its answers better; unset: all that fit.",
    )
    fim_tokens: Fim


@functools.cache
def bundled_manifest() -> Manifest:
    return Manifest.model_validate_json((_FOLDER / "manifest.json").read_bytes())


def bundled() -> Path:
    """The model that ships with Tenon."""
    path = _FOLDER / bundled_manifest().file
    if not path.is_file():
        raise EngineError(f"{path}: the bundled model is missing; reinstall tenon")
    return path


def manifest_for(path: str | Path) -> Manifest | None:
    """The manifest of a model that ships with Tenon, None for any other file.

    Known by name and size: a hash of gigabytes at every start would make the editor wait.
    """
    path = Path(path)
    manifest = bundled_manifest()
    try:
        known = path.name == manifest.file and path.stat().st_size == manifest.size
    except OSError:
        known = False
    return manifest if known else None


def trained_window(path: str | Path, context_length: int) -> int:
    """Tokens of prompt the model reads well; `context_length` is what its file claims."""
    manifest = manifest_for(path)
    if manifest is not None:
        return manifest.trained_window
    return min(context_length, _LARGEST_WINDOW) if context_length > 0 else _LARGEST_WINDOW


def sha256_of(path: Path) -> str:
    """In hexadecimal digits. Raises OSError."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def verify(path: str | Path, manifest: Manifest) -> None:
    """Raise EngineError unless the file is, byte for byte, what the manifest describes."""
    path = Path(path)
    try:
        digest = sha256_of(path)
    except OSError as error:
        raise EngineError(f"{path}: cannot be read: {error.strerror}") from error
    if digest != manifest.sha256:
        raise EngineError(
            f"{path}: its sha256 is {digest}, not {manifest.sha256}; the file was damaged or "
            "replaced, reinstall tenon"
        )


def suffix_lines(path: str | Path) -> int | None:
    """How many lines after the cursor's own the model should read; None for all that fit."""
    manifest = manifest_for(path)
    return manifest.suffix_lines if manifest is not None else None
