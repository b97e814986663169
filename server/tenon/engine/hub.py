"""Hub: brings a preset's file onto this machine, whole and checked, or says why not.

Owns the only connections that `engine` opens, and opens them only when called. What was fetched
of an interrupted download stays and is gone on with; a file appears under its own name only once
its checksum is what the hub says.
"""

from __future__ import annotations

import os
import shutil
from collections.abc import Callable
from contextlib import AbstractContextManager
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType
from urllib.parse import urlsplit

from tenon.engine.engine import EngineError
from tenon.engine.models import sha256_of
from tenon.engine.presets import Preset

_SHA256_LENGTH = 64

Advance = Callable[[int, int], None]
"""Told how many bytes are there and how many there will be."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Offer:
    """What the hub has, before anything is fetched."""

    page: str
    """The hub's own address of the file."""
    url: str
    """Where the file itself lies."""
    size: int
    """Bytes."""
    sha256: str
    commit: str


def offer(preset: Preset, *, endpoint: str | None = None) -> Offer:
    """Ask the hub about a preset's file. Raises EngineError.

    `endpoint` is another hub's address; None means the client library's own default, which
    its environment variable HF_ENDPOINT changes.
    """
    hub = _client()
    url = hub.hf_hub_url(preset.repository, preset.file, endpoint=endpoint)
    with _complaints(preset):
        found = hub.get_hf_file_metadata(url, endpoint=endpoint)
    if found.size is None or found.etag is None or len(found.etag) != _SHA256_LENGTH:
        raise EngineError(f"{preset.repository}: the hub gives no checksum of {preset.file}")
    return Offer(
        page=url,
        url=found.location or url,
        size=found.size,
        sha256=found.etag,
        commit=found.commit_hash or "",
    )


def fetch(preset: Preset, offered: Offer, advance: Advance | None = None) -> Path:
    """The preset's file, fetched, or gone on with, and checked. Raises EngineError.

    `advance` is called for each piece; what it raises ends the download, which can be gone on
    with later.
    """
    path = preset.path
    partial = path.with_name(f"{path.name}.{offered.sha256[:12]}.part")
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        if path.is_file() and path.stat().st_size == offered.size and sha256_of(path) == offered.sha256:
            return path
        have = partial.stat().st_size if partial.is_file() else 0
        if have > offered.size:
            partial.unlink()
            have = 0
        free = shutil.disk_usage(path.parent).free
        if free < offered.size - have:
            raise EngineError(
                f"{path.parent}: {free / 1e9:.1f} GB are free, "
                f"{(offered.size - have) / 1e9:.1f} GB are needed"
            )
        _fetch(preset, offered, partial, have, advance)
        if sha256_of(partial) != offered.sha256:
            partial.unlink()
            raise EngineError(
                f"{preset.file}: what was fetched is not what the hub describes; pull it again"
            )
        partial.replace(path)
    except OSError as error:
        raise EngineError(f"{path}: cannot be written: {error.strerror or error}") from error
    return path


def _fetch(
    preset: Preset, offered: Offer, partial: Path, have: int, advance: Advance | None
) -> None:
    if have == offered.size:
        return
    hub = _client()
    # The library's own download starts anew after an interruption; the function beneath it
    # takes the bytes that are there.
    from huggingface_hub.file_download import http_get

    # A token belongs to the hub alone, not to the servers that it sends its visitors on to.
    own = urlsplit(offered.url).netloc == urlsplit(offered.page).netloc
    with partial.open("ab") as file, _complaints(preset):
        counter = _Counter(advance, have, offered.size)
        http_get(
            offered.url,
            file,
            resume_size=have,
            headers=hub.utils.build_hf_headers() if own else None,
            expected_size=offered.size,
            displayed_filename=preset.file,
            _tqdm_bar=counter,  # type: ignore[arg-type]
        )


class _Counter:
    """Stands where the library expects a progress bar."""

    def __init__(self, advance: Advance | None, have: int, size: int) -> None:
        self._advance = advance
        self._have = have
        self._size = size

    def update(self, more: int) -> None:
        self._have += more
        if self._advance is not None:
            self._advance(self._have, self._size)

    def __enter__(self) -> _Counter:
        return self

    def __exit__(self, *_: object) -> None:
        return None

    def close(self) -> None:
        return None


def _client():  # type: ignore[no-untyped-def]
    # Read when the library is first imported; nothing about its user is anyone's affair.
    os.environ.setdefault("HF_HUB_DISABLE_TELEMETRY", "1")
    import huggingface_hub

    return huggingface_hub


class _complaints(AbstractContextManager[None]):
    """Turns the client library's many errors into one sentence each."""

    def __init__(self, preset: Preset) -> None:
        self._preset = preset

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        if error is None or isinstance(error, EngineError) or not isinstance(error, Exception):
            return
        raise EngineError(f"{self._preset.repository}: {_sentence(error)}") from error


def _sentence(error: Exception) -> str:
    from huggingface_hub.errors import (
        EntryNotFoundError,
        GatedRepoError,
        OfflineModeIsEnabled,
        RepositoryNotFoundError,
    )

    if isinstance(error, GatedRepoError):
        return "its licence must be accepted on the hub first, and a token set in HF_TOKEN"
    if isinstance(error, RepositoryNotFoundError | EntryNotFoundError):
        return "the hub does not have this file"
    if isinstance(error, OfflineModeIsEnabled):
        return "HF_HUB_OFFLINE forbids downloads"
    first = (str(error) or type(error).__name__).strip().splitlines()[0]
    return f"the download failed: {first}; what was fetched is kept, pull it again to go on"
