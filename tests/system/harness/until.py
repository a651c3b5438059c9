# SPDX-License-Identifier: Apache-2.0
"""Waiting for what another process or thread does: as short as it takes, with a limit far above what it should take."""
import time
from typing import Callable, TypeVar

T = TypeVar("T")


def until(condition: Callable[[], T], what: str, seconds: float = 10) -> T:
    """The first true value of a condition; fails the test, with the words `what`, when there is none in time."""
    end = time.monotonic() + seconds
    pause = 0.001
    while not (value := condition()):
        assert time.monotonic() < end, f"over {seconds} seconds: {what}"
        time.sleep(pause)
        pause = min(pause * 1.5, 0.05)
    return value
