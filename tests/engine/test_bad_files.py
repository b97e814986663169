"""A file that is no usable model is refused with its name and the reason; the process lives."""

from __future__ import annotations

import os
import random
import struct
from pathlib import Path

import pytest
from models import random_model

from tenon.engine.engine import EngineError
from tenon.engine.llama import LlamaEngine
from tenon.text import CancelToken


def refusal(path: Path) -> str:
    """The message with which `path` is refused; it names the file."""
    with pytest.raises(EngineError) as raised:
        LlamaEngine.open(path)
    message = str(raised.value)
    assert str(path) in message
    return message


def damaged(small: Path, path: Path, *changes: tuple[bytes, bytes]) -> Path:
    """A copy of `small` with the first occurrence of each pattern replaced."""
    data = small.read_bytes()
    for old, new in changes:
        assert old in data
        data = data.replace(old, new, 1)
    path.write_bytes(data)
    return path


def number(key: bytes, value: int) -> bytes:
    return key + struct.pack("<II", 4, value)


def test_a_missing_file(tmp_path: Path) -> None:
    assert "no such file" in refusal(tmp_path / "none.gguf")


def test_a_directory(tmp_path: Path) -> None:
    assert "directory" in refusal(tmp_path)


def test_a_path_that_no_file_can_have(tmp_path: Path) -> None:
    assert refusal(tmp_path / "a\0b")
    assert refusal(tmp_path / ("long" * 200))


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="no named pipes here")
def test_a_named_pipe_is_refused_and_not_waited_for(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe.gguf")
    assert "regular" in refusal(tmp_path / "pipe.gguf")


@pytest.mark.skipif(not hasattr(os, "geteuid") or os.geteuid() == 0, reason="root reads all")
def test_a_file_that_may_not_be_read(small: Path, tmp_path: Path) -> None:
    path = damaged(small, tmp_path / "secret.gguf")
    path.chmod(0)
    assert "Permission denied" in refusal(path)


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        (b"", "too short"),
        (b"GGUF", "too short"),
        (b"PK\x03\x04" + bytes(1000), "not a GGUF file"),
        (b"GGUF" + struct.pack("<IQQ", 1, 0, 0), "version 1"),
        (b"GGUF" + struct.pack(">IQQ", 3, 0, 0), "version"),
        (b"GGUF" + struct.pack("<IQQ", 3, 1 << 60, 1 << 60), "impossible number"),
        (b"GGUF" + struct.pack("<IQQ", 3, 0, 0), "no weights"),
        (b"version https://git-lfs.github.com/spec/v1\noid sha256:0\n", "not a GGUF file"),
    ],
)
def test_a_file_that_is_something_else(tmp_path: Path, content: bytes, reason: str) -> None:
    path = tmp_path / "other.gguf"
    path.write_bytes(content)
    assert reason in refusal(path)


def test_a_file_cut_short_anywhere(small: Path, tmp_path: Path) -> None:
    data = small.read_bytes()
    rng = random.Random(7)
    path = tmp_path / "cut.gguf"
    sizes = [25, 60, 300, len(data) - 1, *(rng.randrange(len(data)) for _ in range(40))]
    for size in sizes:
        path.write_bytes(data[:size])
        message = refusal(path)
        assert any(
            word in message for word in ("truncated", "too short", "incomplete", "corrupt")
        ), (size, message)


def test_random_bytes_after_a_good_beginning(small: Path, tmp_path: Path) -> None:
    data = small.read_bytes()
    rng = random.Random(11)
    path = tmp_path / "noise.gguf"
    for start in (4, 8, 24, 40, 100):
        path.write_bytes(data[:start] + rng.randbytes(len(data) - start))
        assert refusal(path)


def test_a_file_with_some_bytes_changed_is_refused_or_works(small: Path, tmp_path: Path) -> None:
    data = small.read_bytes()
    header = data.index(b"qwen3.context_length"), data.rindex(b"ffn_down.weight") + 60
    rng = random.Random(13)
    path = tmp_path / "flipped.gguf"
    opened = refused = 0
    for _ in range(60):
        changed = bytearray(data)
        for _ in range(rng.choice((1, 2, 8))):
            changed[rng.randrange(*header)] = rng.randrange(256)
        path.write_bytes(changed)
        try:
            engine = LlamaEngine.open(path)
        except EngineError as error:
            assert str(path) in str(error)
            refused += 1
            continue
        engine.prefill([5, 6, 7], CancelToken())
        engine.close()
        opened += 1
    assert opened + refused == 60
    assert refused > 10


@pytest.mark.parametrize("key", [b"qwen3.block_count", b"qwen3.context_length"])
@pytest.mark.parametrize("value", [0, 1 << 31, (1 << 32) - 1])
def test_numbers_at_which_llama_cpp_would_end_the_process(
    small: Path, tmp_path: Path, key: bytes, value: int
) -> None:
    data = small.read_bytes()
    at = data.index(key)
    old = data[at : at + len(key) + 8]
    path = damaged(small, tmp_path / "numbers.gguf", (old, number(key, value)))
    assert key.decode() in refusal(path)


def test_a_vocabulary_in_which_a_token_stands_twice(small: Path, tmp_path: Path) -> None:
    """llama.cpp would end the process."""
    tokens = (b"\x06\0\0\0\0\0\0\0return", b"\x06\0\0\0\0\0\0\0import")
    path = damaged(small, tmp_path / "twice.gguf", tokens)
    assert "twice" in refusal(path)


def test_an_architecture_that_llama_cpp_does_not_know(small: Path, tmp_path: Path) -> None:
    old = struct.pack("<IQ", 8, 5) + b"qwen3"
    path = damaged(small, tmp_path / "new.gguf", (old, struct.pack("<IQ", 8, 5) + b"qwenX"))
    assert "unknown model architecture" in refusal(path)


def test_a_model_without_fill_in_the_middle_tokens(tmp_path: Path) -> None:
    path = random_model(tmp_path / "chat.gguf", markers=False)
    message = refusal(path)
    assert "no fill-in-the-middle token for prefix, suffix, middle" in message


def test_after_a_refusal_a_good_file_still_opens(small: Path, tmp_path: Path) -> None:
    assert refusal(tmp_path / "none.gguf")
    engine = LlamaEngine.open(small)
    engine.prefill([5, 6], CancelToken())
    engine.close()
