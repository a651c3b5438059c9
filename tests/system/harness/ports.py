# SPDX-License-Identifier: Apache-2.0
"""Ports for the gateway, below the range that the system gives to outgoing connections."""
import os
import random
import socket

_given = set()
_random = random.Random(os.getpid())


def free_port() -> int:
    """A port on which nobody listens, and which no other call of this process has returned."""
    for _ in range(1000):
        port = _random.randrange(10_000, 32_000)
        if port in _given:
            continue
        with socket.socket() as probe:
            # So that a connection left in TIME_WAIT is no obstacle; a listener still is one.
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            try:
                probe.bind(("127.0.0.1", port))
            except OSError:
                continue
        _given.add(port)
        return port
    raise RuntimeError("no free port was found")
