"""Address: which local file a document's address names, if it names one."""

from __future__ import annotations

from pathlib import Path
from urllib.parse import urlsplit
from urllib.request import url2pathname


def file_path(uri: str) -> Path | None:
    """The absolute path of a local file, given by a `file:` address or as it is; else None."""
    try:
        parts = urlsplit(uri)
    except ValueError:
        return None
    if parts.scheme == "file" and parts.netloc in ("", "localhost"):
        path = Path(url2pathname(parts.path))
    elif not parts.scheme:
        path = Path(uri)
    else:
        return None
    return path if path.is_absolute() else None
