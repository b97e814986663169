"""Threads share one heap where the C library lets them."""

from __future__ import annotations

import platform
import subprocess
import sys

import pytest

CODE = """
import ctypes, threading
from pathlib import Path
from tenon.service import heap

c = ctypes.CDLL(None)
c.malloc.restype = ctypes.c_void_p
{share}
taken = []
thread = threading.Thread(target=lambda: taken.append(c.malloc(1000)))
thread.start()
thread.join()
lines = Path("/proc/self/maps").read_text().splitlines()
(main,) = (line for line in lines if line.endswith("[heap]"))
start, end = (int(each, 16) for each in main.split()[0].split("-"))
print(start <= taken[0] < end)
"""


@pytest.mark.skipif(platform.libc_ver()[0] != "glibc", reason="the heaps are glibc's")
@pytest.mark.parametrize("share", [True, False])
def test_a_thread_takes_from_the_main_heap_if_heaps_are_shared(share: bool) -> None:
    code = CODE.format(share="heap.share()" if share else "")
    command = [sys.executable, "-c", code]
    told = subprocess.run(command, capture_output=True, text=True, check=True).stdout
    assert told.strip() == str(share)
