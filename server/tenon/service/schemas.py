"""Which JSON Schema a document follows: the one it names, or the one the settings map it to.

Reads local files alone, never an address; a schema that cannot be read is no schema, and the
reason is reported.
"""

from __future__ import annotations

import json
import re
from collections import OrderedDict
from fnmatch import fnmatch
from pathlib import Path
from typing import Any
from urllib.parse import unquote, urlsplit

from tenon.constraints.json_schema import order_free
from tenon.service.settings import JsonSettings
from tenon.text import Document, file_path

_NAMED = re.compile(r'"\$schema"\s*:\s*"((?:[^"\\\n]|\\.)*)"')
_NEAR_THE_TOP = 2_000
_LARGEST = 4_000_000
_KEPT = 8


class Schemas:
    """Keeps the last few schemas, by file and by the time it was last written."""

    def __init__(self) -> None:
        self._texts: OrderedDict[tuple[Path, int], str] = OrderedDict()

    def find(self, document: Document, settings: JsonSettings) -> tuple[str | None, str]:
        """The schema's text, ready to compile, and a reason where there is none."""
        path = _path(document, settings)
        if path is None:
            return None, "no schema is named"
        try:
            key = (path, path.stat().st_mtime_ns)
            if key not in self._texts:
                self._texts[key] = _read(path)
                if len(self._texts) > _KEPT:
                    self._texts.popitem(last=False)
            return self._texts[key], ""
        except (OSError, ValueError, RecursionError) as error:
            return None, f"{path}: no schema could be read from it: {error}"


def _path(document: Document, settings: JsonSettings) -> Path | None:
    here = file_path(document.uri)
    named = _NAMED.search(document.text[:_NEAR_THE_TOP])
    if named is not None and (path := _local(named[1], here)) is not None:
        return path
    if here is None:
        return None
    for mapping in settings.schemas:
        if any(_matches(here, pattern) for pattern in mapping.files):
            return Path(mapping.path).expanduser()
    return None


def _local(name: str, here: Path | None) -> Path | None:
    scheme = urlsplit(name).scheme
    if scheme == "file":
        return file_path(name)
    if scheme or here is None:
        return None
    return here.parent / unquote(name.partition("#")[0])


def _matches(path: Path, pattern: str) -> bool:
    return fnmatch(path.name, pattern) or fnmatch(path.as_posix(), pattern)


def _read(path: Path) -> str:
    if path.stat().st_size > _LARGEST:
        raise ValueError(f"larger than {_LARGEST} bytes")
    schema: Any = json.loads(path.read_text("utf-8"))
    if not isinstance(schema, dict | bool):
        raise ValueError("a schema is an object or a boolean")
    return order_free(schema)
