"""Addresses: a local file's path, or nothing."""

from __future__ import annotations

import os

import pytest

from tenon.text import file_path

needs_posix = pytest.mark.skipif(os.name == "nt", reason="paths are written otherwise there")


@needs_posix
@pytest.mark.parametrize(
    ("uri", "path"),
    [
        ("file:///a%20b.json", "/a b.json"),
        ("file://localhost/a.py", "/a.py"),
        ("file:///a%2520b.py", "/a%20b.py"),
        ("/plain/a.py", "/plain/a.py"),
    ],
)
def test_a_local_file_is_found_by_its_address(uri: str, path: str) -> None:
    assert str(file_path(uri)) == path


@pytest.mark.parametrize(
    "uri",
    [
        "http://localhost/a.json", "file://server/a.json", "untitled:Untitled-1", "", "a.py",
        "file://[bad/a.py",
    ],
)  # fmt: skip
def test_any_other_address_names_no_file(uri: str) -> None:
    assert file_path(uri) is None
