"""A GGUF file's header, read and distrusted before llama.cpp sees the file.

llama.cpp reports most faults of a file, and ends the process at some; an editor's server must
survive both. Knows the file format (version 2 and 3, little endian) and nothing of models.
"""

from __future__ import annotations

import mmap
import stat
import struct
from pathlib import Path
from typing import Any

from tenon.engine.engine import EngineError

_MAGIC = b"GGUF"
_VERSIONS = (2, 3)
_SHORTEST = 24
"""Bytes: magic, version and two counts."""
_STRING, _ARRAY = 8, 9
_SCALARS = {
    0: struct.Struct("<B"),
    1: struct.Struct("<b"),
    2: struct.Struct("<H"),
    3: struct.Struct("<h"),
    4: struct.Struct("<I"),
    5: struct.Struct("<i"),
    6: struct.Struct("<f"),
    7: struct.Struct("<?"),
    10: struct.Struct("<Q"),
    11: struct.Struct("<q"),
    12: struct.Struct("<d"),
}
_U32 = _SCALARS[4]
_U64 = _SCALARS[10]
_MOST_ENTRIES = 1 << 20
"""Of metadata or tensors; a real file has hundreds."""
_MOST_DIMENSIONS = 4
_TOKENS = "tokenizer.ggml.tokens"
_BOUNDS = {
    # Beyond these llama.cpp ends the process; what follows the architecture's name in a key.
    ".block_count": (1, 512),
    ".context_length": (64, 1 << 26),
    ".embedding_length": (1, 1 << 20),
    ".attention.head_count": (1, 1 << 14),
    ".attention.layer_norm_rms_epsilon": (0.0, 1.0),
    ".attention.layer_norm_epsilon": (0.0, 1.0),
}


class _Corrupt(Exception):
    """What is wrong with the file, without its name."""


def inspect(path: Path) -> dict[str, Any]:
    """The file's metadata: scalars and strings as values, arrays as their length.

    Raises EngineError naming the file and the reason if llama.cpp should not be shown it.
    """
    try:
        kind = path.stat().st_mode
        if stat.S_ISDIR(kind):
            raise _Corrupt("this is a directory, not a model file")
        if not stat.S_ISREG(kind):
            raise _Corrupt("this is not a regular file")
        if path.stat().st_size < _SHORTEST:
            raise _Corrupt("not a GGUF file: it is too short")
        with (
            path.open("rb") as file,
            mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ) as data,
        ):
            return _Reader(data).header()
    except FileNotFoundError as error:
        raise EngineError(f"{path}: there is no such file") from error
    except OSError as error:
        raise EngineError(f"{path}: cannot be read: {error.strerror}") from error
    except (_Corrupt, ValueError) as error:
        raise EngineError(f"{path}: {error}") from error


class _Reader:
    def __init__(self, data: mmap.mmap) -> None:
        self._data = data
        self._size = len(data)
        self._at = 0

    def header(self) -> dict[str, Any]:
        if self._data[:4] != _MAGIC:
            raise _Corrupt("not a GGUF file: it does not begin with GGUF")
        self._at = 4
        version = self._number(_U32)
        if version not in _VERSIONS:
            raise _Corrupt(f"GGUF version {version} is not one of {_VERSIONS}")
        n_tensors, n_pairs = self._number(_U64), self._number(_U64)
        if max(n_tensors, n_pairs) > _MOST_ENTRIES:
            raise _Corrupt("corrupt header: it claims an impossible number of entries")
        metadata: dict[str, Any] = {}
        for _ in range(n_pairs):
            key = self._text()
            metadata[key] = self._value(key)
        self._tensors(n_tensors)
        _check_bounds(metadata)
        return metadata

    def _number(self, kind: struct.Struct) -> Any:
        self._expect(kind.size)
        (value,) = kind.unpack_from(self._data, self._at)
        self._at += kind.size
        return value

    def _bytes(self) -> bytes:
        size = self._number(_U64)
        self._expect(size)
        self._at += size
        return self._data[self._at - size : self._at]

    def _text(self) -> str:
        try:
            return self._bytes().decode("utf-8")
        except UnicodeDecodeError as error:
            raise _Corrupt("corrupt header: a name in it is not text") from error

    def _expect(self, size: int) -> None:
        if size > self._size - self._at:
            raise _Corrupt("truncated or corrupt: its header runs past the end of the file")

    def _value(self, key: str) -> Any:
        kind = self._number(_U32)
        if kind in _SCALARS:
            return self._number(_SCALARS[kind])
        if kind == _STRING:
            return self._bytes().decode("utf-8", errors="replace")
        if kind == _ARRAY:
            return self._array(key)
        raise _Corrupt(f"corrupt header: {key} has the unknown type {kind}")

    def _array(self, key: str) -> int:
        """Skip an array; its length."""
        kind, count = self._number(_U32), self._number(_U64)
        if kind in _SCALARS:
            size = count * _SCALARS[kind].size
            self._expect(size)
            self._at += size
        elif kind == _STRING:
            self._strings(key, count)
        else:
            raise _Corrupt(f"corrupt header: {key} is an array of the unknown type {kind}")
        return count

    def _strings(self, key: str, count: int) -> None:
        self._expect(8 * count)
        data, size, at = self._data, self._size, self._at
        seen: set[bytes] | None = set() if key == _TOKENS else None
        for _ in range(count):
            if at + 8 > size:
                self._expect(size)
            (length,) = _U64.unpack_from(data, at)
            at += 8
            if length > size - at:
                self._expect(size)
            if seen is not None:
                # llama.cpp reads up to the first zero byte, and names what is empty itself.
                text = data[at : at + length].partition(b"\0")[0]
                if text in seen:
                    raise _Corrupt("corrupt vocabulary: a token stands in it twice")
                if text:
                    seen.add(text)
            at += length
        self._at = at

    def _tensors(self, count: int) -> None:
        furthest = 0
        for _ in range(count):
            name = self._text()
            dimensions = self._number(_U32)
            if dimensions > _MOST_DIMENSIONS:
                raise _Corrupt(f"corrupt header: {name} has {dimensions} dimensions")
            for _ in range(dimensions):
                if not 0 < self._number(_U64) < 1 << 40:
                    raise _Corrupt(f"corrupt header: {name} has an impossible shape")
            self._number(_U32)
            furthest = max(furthest, self._number(_U64))
        if not count:
            raise _Corrupt("it holds no weights (a vocabulary alone, or a part of a model)")
        if furthest >= self._size - self._at:
            raise _Corrupt("truncated: its weights run past the end of the file")


def _check_bounds(metadata: dict[str, Any]) -> None:
    architecture = metadata.get("general.architecture")
    if not isinstance(architecture, str):
        raise _Corrupt("it does not say which architecture it is")
    for ending, (least, most) in _BOUNDS.items():
        value = metadata.get(architecture + ending)
        # An array, one value a layer, is here as its length, which is within the bounds too.
        if value is not None and not least <= value <= most:
            raise _Corrupt(f"corrupt header: {architecture + ending} is {value}")
