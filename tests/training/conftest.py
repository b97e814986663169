"""The training steps live beside the product, not in it."""

from __future__ import annotations

import sys
from pathlib import Path

SERVER = Path(__file__).parents[2] / "server"
if str(SERVER) not in sys.path:
    sys.path.insert(0, str(SERVER))
