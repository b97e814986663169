"""One service for one command: started, waited for, and always closed."""

from __future__ import annotations

import logging
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from tenon.commands.source import BadUse
from tenon.service.service import Service
from tenon.service.settings import Settings


@contextmanager
def service(settings: Settings, root: Path) -> Iterator[Service]:
    """A service that is ready. Raises `BadUse` with the reason where the model is at fault."""
    # What goes wrong inside is told by the answer's reason; the log is the server's.
    logging.getLogger("tenon").addHandler(logging.NullHandler())
    running = Service(settings, root=root)
    try:
        running.start()
        status = running.wait_ready()
        if status.state == "fault":
            raise BadUse(status.message)
        yield running
    finally:
        running.close()


def settings(
    *, model: Path | None = None, environment: Path | None = None, **completion: Any
) -> Settings:
    """The defaults with what the command line changes; None changes nothing."""
    chosen = {name: value for name, value in completion.items() if value is not None}
    model_path, python = (str(each) if each else None for each in (model, environment))
    return Settings.model_validate(
        {
            "model": {"path": model_path},
            "python": {"environment": python},
            "completion": chosen,
        }
    )
