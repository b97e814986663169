"""The README says what is true: its settings are the settings, its commands are the commands."""

from __future__ import annotations

import json
import re
from pathlib import Path

from pydantic import BaseModel

from tenon.__main__ import app
from tenon.service.settings import Settings

README = (Path(__file__).parents[2] / "README.md").read_text("utf-8")


def leaves(model: BaseModel, prefix: str = "") -> dict[str, object]:
    found: dict[str, object] = {}
    for name, field in type(model).model_fields.items():
        value = getattr(model, name)
        written = prefix + (field.alias or name)
        if isinstance(value, BaseModel):
            found |= leaves(value, f"{written}.")
        else:
            found[written] = list(value) if isinstance(value, tuple) else value
    return found


def test_the_settings_table_is_the_settings() -> None:
    rows = re.findall(r"^\| `([\w.]+)` \| `(\S+)` \|", README, re.MULTILINE)
    assert {name: json.loads(default) for name, default in rows} == leaves(Settings())


def test_every_command_is_described() -> None:
    described = set(re.findall(r"^\| `tenon (\w+)", README, re.MULTILINE))
    groups = {group.name for group in app.registered_groups}
    assert described == groups | {command.name for command in app.registered_commands}


def test_links_lead_somewhere() -> None:
    folder = Path(__file__).parents[2]
    for target in re.findall(r"\]\(([^)#]+)\)", README):
        assert target.startswith("http") or (folder / target).exists(), target
