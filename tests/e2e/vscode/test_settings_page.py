"""The settings page of the VS Code extension says what the server's settings say."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tenon.service.settings import Settings
from tenon.syntax.languages import Languages

EXTENSION = Path(__file__).parents[3] / "editors" / "vscode"
PACKAGE = json.loads((EXTENSION / "package.json").read_text("utf-8"))

ITS_OWN = {"tenon.command"}
"""Settings of the extension that never reach the server."""

PAGE: dict[str, dict[str, Any]] = {
    name: described
    for section in PACKAGE["contributes"]["configuration"]
    for name, described in section["properties"].items()
}


def leaves(
    schema: dict[str, Any], section: dict[str, Any], prefix: str
) -> Iterator[tuple[str, dict[str, Any]]]:
    """Each setting of the server: its dotted name and its JSON schema."""
    for name, described in section["properties"].items():
        reference = described.get("$ref")
        if reference is None:
            yield f"{prefix}.{name}", described
        else:
            below = schema["$defs"][reference.rpartition("/")[2]]
            yield from leaves(schema, below, f"{prefix}.{name}")


SCHEMA = Settings.model_json_schema(by_alias=True)
SERVER = dict(leaves(SCHEMA, SCHEMA, "tenon"))


def kinds(described: dict[str, Any]) -> set[str]:
    if "anyOf" in described:
        return set().union(*(kinds(choice) for choice in described["anyOf"]))
    kind = described["type"]
    return set(kind) if isinstance(kind, list) else {kind}


def bound(described: dict[str, Any], name: str) -> Any:
    choices = described.get("anyOf", [described])
    return next((choice[name] for choice in choices if name in choice), None)


def test_every_setting_of_the_server_is_on_the_page_and_no_other() -> None:
    assert set(PAGE) - ITS_OWN == set(SERVER)


@pytest.mark.parametrize("name", sorted(SERVER))
def test_a_setting_has_the_servers_default_kind_and_bounds(name: str) -> None:
    page, server = PAGE[name], SERVER[name]
    assert page["default"] == server["default"]
    assert kinds(page) == kinds(server)
    for limit in ("minimum", "maximum", "enum"):
        assert page.get(limit) == bound(server, limit), limit


@pytest.mark.parametrize("name", sorted(PAGE))
def test_a_setting_is_described(name: str) -> None:
    page = PAGE[name]
    assert page.get("description") or page.get("markdownDescription")


@pytest.mark.parametrize("event", PACKAGE["activationEvents"])
def test_the_extension_asks_only_for_languages_that_the_server_speaks(event: str) -> None:
    assert Languages().syntax(event.removeprefix("onLanguage:")) is not None


def test_what_is_run_and_what_is_loaded_is_not_taken_from_an_untrusted_workspace() -> None:
    restricted = PACKAGE["capabilities"]["untrustedWorkspaces"]["restrictedConfigurations"]
    assert {"tenon.command", "tenon.model.path"} <= set(restricted)


def test_the_lock_file_names_no_registry() -> None:
    lock = json.loads((EXTENSION / "package-lock.json").read_text("utf-8"))
    assert not any("resolved" in package for package in lock["packages"].values())
