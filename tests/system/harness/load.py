# SPDX-License-Identifier: Apache-2.0
"""Requests in the background, each accounted for: answered as expected, or a failure with its reason.

A client of this kind keeps its connections and does what HTTP asks of it: it opens another one after `connection: close`.
"""
import threading
import time

from harness.raw import Closed, Connection, Response, request
from harness.until import until


class Load:
    """`with Load(address, "GET /", threads=8) as load:` sends until the block ends; then `answered` and `failures`."""

    def __init__(self, address, head: str = "GET /", body: bytes = b"", *, threads: int = 4, pause: float = 0,
                 accepts=lambda response: response.status == 200, stop_when_refused: bool = False, **connecting):
        self.address, self.bytes, self.method = address, request(head, body), head.split(None, 1)[0]
        self.accepts, self.pause, self.connecting = accepts, pause, connecting
        self.stop_when_refused = stop_when_refused  # A refused connection ends the thread, and is no failure.
        self.failures: list[str] = []
        self.statuses: dict[int, int] = {}
        self.refused = 0
        self._answered = [0] * threads
        self._ending = threading.Event()
        self._lock = threading.Lock()
        self._threads = [threading.Thread(target=self._run, args=(i,), daemon=True) for i in range(threads)]

    @property
    def answered(self) -> int:
        return sum(self._answered)

    def __enter__(self):
        for thread in self._threads:
            thread.start()
        until(lambda: self.answered or self.failures, "the first answer under load")
        return self

    def __exit__(self, *_):
        self.stop()

    def stop(self):
        self._ending.set()
        self.join()

    def join(self):
        for thread in self._threads:
            thread.join(30)
            assert not thread.is_alive(), "a client of the load hangs"

    def _run(self, index: int):
        connection, used = None, 0
        while not self._ending.is_set():
            if connection is None:
                used = 0
                try:
                    connection = Connection(self.address, **self.connecting)
                except OSError as error:
                    if self.stop_when_refused:
                        with self._lock:
                            self.refused += 1
                        return
                    self._fail(f"connecting: {error}")
                    time.sleep(0.01)
                    continue
            response = self._ask(connection, used)
            used += 1
            if response is not None:
                self._judge(response, index)
            if response is None or response.closes:
                connection.close()
                connection = None
            if self.pause:
                time.sleep(self.pause)
        if connection is not None:
            connection.close()

    def _ask(self, connection: Connection, used: int) -> Response | None:
        try:
            connection.send(self.bytes)
            return connection.read(self.method)
        except (Closed, OSError, AssertionError) as error:
            self._fail(f"request {used} of a connection: {type(error).__name__}: {error}")
        return None

    def _judge(self, response: Response, index: int):
        with self._lock:
            self.statuses[response.status] = self.statuses.get(response.status, 0) + 1
        if self.accepts(response):
            self._answered[index] += 1
        else:
            self._fail(f"{response.status} {response.body[:200]!r}")

    def _fail(self, why: str):
        with self._lock:
            self.failures.append(why)
