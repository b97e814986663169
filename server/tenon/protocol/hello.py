"""Hello: the parameters of `initialize`, as far as Tenon uses them.

A client's capabilities are large, newer than any library and no reason to refuse it: only what
is acted upon is read, the rest is never looked at.
"""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from lsprotocol import types
from pygls.uris import from_fs_path, to_fs_path


def initialize_params(params: Any) -> types.InitializeParams:
    """Never raises: what cannot be read is as if it were absent."""
    params = params if isinstance(params, Mapping) else {}
    encodings = _at(params, "capabilities", "general", "positionEncodings")
    progress = _at(params, "capabilities", "window", "workDoneProgress")
    configuration = _at(params, "capabilities", "workspace", "configuration")
    edits = _at(params, "capabilities", "workspace", "applyEdit")
    versioned = _at(params, "capabilities", "workspace", "workspaceEdit", "documentChanges")
    process = params.get("processId")
    return types.InitializeParams(
        process_id=process if isinstance(process, int) else None,
        root_uri=_root_uri(params),
        capabilities=types.ClientCapabilities(
            general=types.GeneralClientCapabilities(
                position_encodings=_texts(encodings)
            ),
            window=types.WindowClientCapabilities(work_done_progress=progress is True),
            workspace=types.WorkspaceClientCapabilities(
                configuration=configuration is True,
                apply_edit=edits is True,
                workspace_edit=types.WorkspaceEditClientCapabilities(
                    document_changes=versioned is True
                ),
            ),
        ),
        initialization_options=params.get("initializationOptions"),
    )


def root(params: types.InitializeParams) -> Path | None:
    """The workspace's folder, where it has one on this machine."""
    if params.root_uri is None or not params.root_uri.startswith("file:"):
        return None
    path = to_fs_path(params.root_uri)
    return Path(path) if path else None


def _root_uri(params: Mapping[str, Any]) -> str | None:
    folders = params.get("workspaceFolders")
    first = folders[0] if isinstance(folders, list) and folders else None
    candidates = [
        first.get("uri") if isinstance(first, Mapping) else None,
        params.get("rootUri"),
    ]
    path = params.get("rootPath")
    if isinstance(path, str) and path:
        candidates.append(from_fs_path(path))
    return next((uri for uri in candidates if isinstance(uri, str)), None)


def _texts(value: Any) -> list[str] | None:
    if not isinstance(value, list):
        return None
    return [item for item in value if isinstance(item, str)]


def _at(value: Any, *path: str) -> Any:
    for name in path:
        value = value.get(name) if isinstance(value, Mapping) else None
    return value
