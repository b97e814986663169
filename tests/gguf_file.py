"""GGUF files read and written whole, for tests that make models of their own.

`read` gives a file's pairs as the bytes they have there, and its tensors where they lie; `write`
makes each tensor when its turn comes, so that a file may be larger than memory would like.
"""

from __future__ import annotations

import mmap
import struct
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

U32, F32, STRING, ARRAY, I32 = 4, 6, 8, 9, 5
FLOAT32, FLOAT16, Q8_0 = 0, 1, 8
"""Types of tensors."""
BLOCK, BLOCK_BYTES = 32, 34
"""Weights of a Q8_0 block, and its bytes: a scale in half precision, then the weights."""

_SIZES = {0: 1, 1: 1, 2: 2, 3: 2, 4: 4, 5: 4, 6: 4, 7: 1, 10: 8, 11: 8, 12: 8}
_ALIGNMENT = 32


@dataclass(frozen=True, slots=True, kw_only=True)
class Tensor:
    name: str
    shape: tuple[int, ...]
    """Rows first."""
    kind: int
    make: Callable[[], NDArray]
    """Its bytes: numbers for floats, for Q8_0 an array of (rows, blocks a row, 34) bytes."""

    @classmethod
    def of(cls, name: str, array: NDArray) -> Tensor:
        kind = FLOAT16 if array.dtype == np.float16 else FLOAT32
        return cls(name=name, shape=array.shape, kind=kind, make=lambda: array)

    @property
    def size(self) -> int:
        """In bytes."""
        count = int(np.prod(self.shape))
        if self.kind == Q8_0:
            return count // BLOCK * BLOCK_BYTES
        return count * (2 if self.kind == FLOAT16 else 4)


@dataclass(frozen=True, slots=True, kw_only=True)
class File:
    pairs: dict[str, bytes]
    """Each value with its type before it."""
    tensors: dict[str, Tensor]

    def number(self, key: str) -> int | float:
        kind, raw = self.pairs[key][:4], self.pairs[key][4:]
        return struct.unpack("<f" if kind == struct.pack("<I", F32) else "<I", raw)[0]

    def strings(self, key: str) -> list[bytes]:
        data = self.pairs[key]
        _, _, count = struct.unpack_from("<IIQ", data)
        found, at = [], 16
        for _ in range(count):
            (size,) = struct.unpack_from("<Q", data, at)
            found.append(data[at + 8 : at + 8 + size])
            at += 8 + size
        return found

    def numbers(self, key: str) -> NDArray[np.int32]:
        return np.frombuffer(self.pairs[key], dtype="<i4", offset=16)


def read(path: Path) -> File:
    with path.open("rb") as opened:
        data = mmap.mmap(opened.fileno(), 0, access=mmap.ACCESS_READ)
    _, _, n_tensors, n_pairs = struct.unpack_from("<4sIQQ", data)
    at, pairs = 24, {}
    for _ in range(n_pairs):
        key, start = _text(data, at)
        at = _skip(data, start)
        pairs[key] = data[start:at]
    found = []
    for _ in range(n_tensors):
        name, at = _text(data, at)
        (rank,) = struct.unpack_from("<I", data, at)
        shape = struct.unpack_from(f"<{rank}Q", data, at + 4)[::-1]
        kind, place = struct.unpack_from("<IQ", data, at + 4 + 8 * rank)
        at += 16 + 8 * rank
        found.append((name, shape, kind, place))
    floor = at + -at % _ALIGNMENT
    return File(
        pairs=pairs,
        tensors={
            name: Tensor(
                name=name,
                shape=shape,
                kind=kind,
                make=lambda shape=shape, kind=kind, at=floor + place: _array(data, shape, kind, at),
            )
            for name, shape, kind, place in found
        },
    )


def write(path: Path, pairs: dict[str, bytes], tensors: Sequence[Tensor]) -> Path:
    head = bytearray(struct.pack("<4sIQQ", b"GGUF", 3, len(tensors), len(pairs)))
    for key, value in pairs.items():
        head += _counted(key.encode()) + value
    place = 0
    for each in tensors:
        head += _counted(each.name.encode()) + struct.pack("<I", len(each.shape))
        head += struct.pack(f"<{len(each.shape)}Q", *reversed(each.shape))
        head += struct.pack("<IQ", each.kind, place)
        place += each.size + -each.size % _ALIGNMENT
    head += bytes(-len(head) % _ALIGNMENT)
    with path.open("wb") as file:
        file.write(head)
        for each in tensors:
            file.write(np.ascontiguousarray(each.make()).data)
            file.write(bytes(-each.size % _ALIGNMENT))
    return path


def number(value: int | float) -> bytes:
    if isinstance(value, float):
        return struct.pack("<If", F32, value)
    return struct.pack("<II", U32, value)


def text(value: str) -> bytes:
    return struct.pack("<I", STRING) + _counted(value.encode())


def strings(values: Sequence[bytes]) -> bytes:
    return struct.pack("<IIQ", ARRAY, STRING, len(values)) + b"".join(map(_counted, values))


def numbers(values: NDArray[np.int32]) -> bytes:
    return struct.pack("<IIQ", ARRAY, I32, len(values)) + values.astype("<i4").tobytes()


def _counted(value: bytes) -> bytes:
    return struct.pack("<Q", len(value)) + value


def _text(data: mmap.mmap, at: int) -> tuple[str, int]:
    (size,) = struct.unpack_from("<Q", data, at)
    return data[at + 8 : at + 8 + size].decode(), at + 8 + size


def _skip(data: mmap.mmap, at: int) -> int:
    """Past the value at `at`."""
    (kind,) = struct.unpack_from("<I", data, at)
    at += 4
    count = 1
    if kind == ARRAY:
        kind, count = struct.unpack_from("<IQ", data, at)
        at += 12
    if kind != STRING:
        return at + count * _SIZES[kind]
    for _ in range(count):
        (size,) = struct.unpack_from("<Q", data, at)
        at += 8 + size
    return at


def _array(data: mmap.mmap, shape: tuple[int, ...], kind: int, at: int) -> NDArray:
    count = int(np.prod(shape))
    if kind == Q8_0:
        blocks = np.frombuffer(data, np.uint8, count // BLOCK * BLOCK_BYTES, at)
        return blocks.reshape(*shape[:-1], shape[-1] // BLOCK, BLOCK_BYTES)
    return np.frombuffer(data, np.float16 if kind == FLOAT16 else np.float32, count, at).reshape(
        shape
    )
