"""Where FILE:LINE:COL points, and what becomes of bytes that are not what they claim."""

from __future__ import annotations

from pathlib import Path

import pytest

from tenon.commands.source import (
    BadUse,
    Location,
    offset_of,
    parse_location,
    read,
    root_of,
)


def written(folder: Path, data: bytes, name: str = "sample.py") -> Path:
    path = folder / name
    path.write_bytes(data)
    return path


def test_a_location_is_a_file_a_line_and_a_column() -> None:
    assert parse_location("src/app.py:12:5") == Location(path=Path("src/app.py"), line=12, column=5)


def test_a_file_name_may_hold_colons() -> None:
    assert parse_location("C:/odd:name.py:1:2").path == Path("C:/odd:name.py")


@pytest.mark.parametrize(
    "text", ["", "app.py", "app.py:3", ":3:4", "app.py:3:x", "app.py:-1:2", "app.py:3:", "a:²:1"]
)
def test_what_is_not_a_location_is_said_to_be_none(text: str) -> None:
    with pytest.raises(BadUse, match="not FILE:LINE:COL"):
        parse_location(text)


@pytest.mark.parametrize("text", ["app.py:0:1", "app.py:1:0"])
def test_lines_and_columns_count_from_one(text: str) -> None:
    with pytest.raises(BadUse, match="count from 1"):
        parse_location(text)


@pytest.mark.parametrize(
    ("place", "offset"), [("1:1", 0), ("1:4", 3), ("2:1", 4), ("2:3", 6), ("3:1", 7)]
)
def test_columns_count_code_points_and_may_stand_past_the_last(
    tmp_path: Path, place: str, offset: int
) -> None:
    path = written(tmp_path, "é𝛼x\nyz\n".encode())
    assert offset_of(read(path), parse_location(f"{path}:{place}")) == offset


def test_a_column_may_not_stand_in_a_line_end(tmp_path: Path) -> None:
    path = written(tmp_path, b"ab\r\ncd\r\n")
    source = read(path)
    assert source.text == "ab\r\ncd\r\n"
    assert offset_of(source, parse_location(f"{path}:1:3")) == 2
    with pytest.raises(BadUse, match="line 1 of .* has 2 characters; column 4 is past its end"):
        offset_of(source, parse_location(f"{path}:1:4"))


def test_a_line_past_the_end_is_named_with_the_file_s_length(tmp_path: Path) -> None:
    path = written(tmp_path, b"only\n")
    with pytest.raises(BadUse, match="has 2 lines, not 9"):
        offset_of(read(path), parse_location(f"{path}:9:1"))


def test_an_empty_file_has_one_place(tmp_path: Path) -> None:
    path = written(tmp_path, b"")
    assert offset_of(read(path), parse_location(f"{path}:1:1")) == 0


@pytest.mark.parametrize(
    ("data", "text", "note"),
    [
        (b"\xef\xbb\xbfx = 1\n", "x = 1\n", ""),
        (b"# -*- coding: latin-1 -*-\ns = '\xe9'\n", "# -*- coding: latin-1 -*-\ns = 'é'\n", ""),
        (b"s = '\xe9'\n", "s = '\ufffd'\n", "is not UTF-8 at byte 5"),
        (b"# coding: martian\nx\n", "# coding: martian\nx\n", "encoding that Python does not know"),
        (b"# coding: hex\nx\n", "# coding: hex\nx\n", "encoding that Python does not know"),
        (b"# coding: idna\ns = '\xe9'\n", "# coding: idna\ns = '\ufffd'\n", "is not idna"),
        (b"\n\n\ns = '\xe9'\n", "\n\n\ns = '\ufffd'\n", "is not UTF-8 at byte 8"),
    ],
)
def test_python_source_is_read_as_python_reads_it_or_with_a_note(
    tmp_path: Path, data: bytes, text: str, note: str
) -> None:
    source = read(written(tmp_path, data))
    assert source.text == text
    assert note in source.note
    assert bool(note) == bool(source.note)


def test_other_languages_are_utf_8_whatever_their_comments_say(tmp_path: Path) -> None:
    source = read(written(tmp_path, "# coding: latin-1\né".encode(), "notes.json"))
    assert source.text.endswith("é")
    assert source.document.language == "json"


def test_what_cannot_be_read_is_refused_in_one_line(tmp_path: Path) -> None:
    for path, reason in [
        (tmp_path, "is a directory"),
        (tmp_path / "absent.py", "does not exist"),
        (Path("/dev/null"), "is not a regular file"),
        (Path("nul\0byte.py"), "cannot be read|does not exist"),
        (tmp_path / ("x" * 5000), "cannot be read|does not exist"),
    ]:
        with pytest.raises(BadUse, match=reason) as caught:
            read(path)
        assert "\n" not in str(caught.value)


def test_a_project_begins_where_its_marks_are(tmp_path: Path) -> None:
    inner = tmp_path / "project" / "package"
    inner.mkdir(parents=True)
    (tmp_path / "project" / "pyproject.toml").touch()
    assert root_of(inner / "module.py") == tmp_path / "project"


def test_a_file_outside_any_project_has_its_own_folder_for_a_root(tmp_path: Path) -> None:
    # Only if the test's own folder is outside any project itself, which it is in a temporary one.
    assert root_of(tmp_path / "module.py") == tmp_path
