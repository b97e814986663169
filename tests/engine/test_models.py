"""What ships is what the manifest says, and other files are not taken for it."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from tenon.engine.engine import EngineError
from tenon.engine.gguf import inspect
from tenon.engine.llama import LlamaEngine
from tenon.engine.models import (
    bundled,
    bundled_manifest,
    manifest_for,
    trained_window,
    verify,
)


def test_the_bundled_file_is_the_one_in_the_manifest() -> None:
    manifest = manifest_for(bundled())
    assert manifest == bundled_manifest()
    verify(bundled(), manifest)


def test_the_manifest_says_what_the_file_says(engine: LlamaEngine) -> None:
    manifest, metadata = bundled_manifest(), inspect(bundled())
    assert manifest.name == metadata["general.name"] == engine.info.name
    assert manifest.context_length == engine.info.context_length
    assert manifest.trained_window == engine.info.trained_window
    markers = manifest.fim_tokens
    spelt = {markers.prefix: 1, markers.suffix: 2, markers.middle: 3}
    fim = engine.info.fim
    assert list(spelt.values()) == [fim.prefix, fim.suffix, fim.middle]
    data = bundled().read_bytes()
    assert data.index(markers.prefix.encode()) < data.index(markers.suffix.encode())


def test_a_damaged_copy_is_told_from_the_bundled_file(tmp_path: Path) -> None:
    copy = tmp_path / bundled().name
    shutil.copyfile(bundled(), copy)
    with copy.open("r+b") as file:
        file.seek(-5, 2)
        file.write(b"\xff")
    manifest = manifest_for(copy)
    assert manifest is not None
    with pytest.raises(EngineError, match="sha256"):
        verify(copy, manifest)


def test_another_model_has_no_manifest_and_a_window_of_its_own(small: Path) -> None:
    assert manifest_for(small) is None
    assert trained_window(small, 2048) == 2048
    assert trained_window(small, 131_072) == 4096
    assert trained_window(small, 0) == 4096
    assert manifest_for("no/such/file") is None


def test_a_file_that_cannot_be_read_cannot_be_verified(tmp_path: Path) -> None:
    with pytest.raises(EngineError, match="cannot be read"):
        verify(tmp_path / "none.gguf", bundled_manifest())
