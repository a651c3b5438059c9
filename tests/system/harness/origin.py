# SPDX-License-Identifier: Apache-2.0
"""An upstream whose every answer is a script.

    origin = Origin()
    origin.on("/cut", lambda x: (x.send(b"HTTP/1.1 200 OK\\r\\ncontent-length: 10\\r\\n\\r\\nhalf"), x.close()))

A script gets an Exchange and does what it likes with the connection: exact bytes, delays, resets. A path without a script
gets an echo: JSON that tells what the origin saw. Everything that arrives is remembered, so that a test can tell what was
passed on and what was not. One thread a connection.
"""
import json
import re
import socket
import ssl
import threading
from dataclasses import dataclass, field
from itertools import count
from typing import Callable

from harness.ports import free_port
from harness.until import until

BLOCK = 256 * 1024
REQUEST_LINE = re.compile(rb"([!#$%&'*+\-.^_`|~0-9A-Za-z]+) (\S+) HTTP/1\.1\Z")


@dataclass
class Request:
    """What the origin saw."""

    method: str
    target: str
    fields: list[tuple[str, str]]
    head: bytes
    connection: int
    body: bytes = b""
    chunks: list[bytes] = field(default_factory=list)
    trailers: list[tuple[str, str]] = field(default_factory=list)

    def all(self, name: str) -> list[str]:
        return [value for key, value in self.fields if key == name]

    def get(self, name: str, default: str | None = None) -> str | None:
        values = self.all(name)
        return ", ".join(values) if values else default

    @property
    def path(self) -> str:
        return self.target.partition("?")[0]


class Gone(Exception):
    """The gateway has closed the connection."""


class Exchange:
    """One request, and the connection it came on."""

    def __init__(self, stream: "_Stream", request: Request):
        self.stream, self.request = stream, request
        self.body_read = False
        self.closed = False

    def body(self) -> bytes:
        """Reads the request's body, however it is framed."""
        if not self.body_read:
            self.body_read = True
            request = self.request
            if (request.get("transfer-encoding") or "").lower() == "chunked":
                while chunk := self.stream.take_chunk():
                    request.chunks.append(chunk)
                while line := self.stream.take_line():
                    name, _, value = line.decode("latin-1").partition(":")
                    request.trailers.append((name.lower(), value.strip()))
                request.body = b"".join(request.chunks)
            else:
                request.body = self.stream.take(int(request.get("content-length") or 0))
        return self.request.body

    def has_body(self) -> bool:
        return bool(self.request.all("transfer-encoding")) or int(self.request.get("content-length") or 0) > 0

    def send(self, data: bytes):
        self.stream.send(data)

    def answer(self, status: int = 200, body: bytes = b"", fields=(), reason: str = "Whatever"):
        head = f"HTTP/1.1 {status} {reason}\r\n" + "".join(f"{name}: {value}\r\n" for name, value in fields)
        if not any(name.lower() in ("content-length", "transfer-encoding") for name, _ in fields):
            head += f"content-length: {len(body)}\r\n"
        self.send(head.encode("latin-1") + b"\r\n" + body)

    def close(self):
        """Closes in an orderly way."""
        self.closed = True
        self.stream.close()

    def reset(self):
        self.closed = True
        self.stream.reset()

    def wait_gone(self, seconds: float = 10) -> bool:
        """Whether the gateway ends this connection in time; what it sends before is dropped."""
        return self.stream.wait_gone(seconds)


Script = Callable[[Exchange], object]


def echo(exchange: Exchange):
    """Tells what arrived."""
    exchange.body()
    exchange.answer(200, describe(exchange.request), [("content-type", "application/json")])


def describe(request: Request) -> bytes:
    return json.dumps({"method": request.method, "target": request.target, "fields": request.fields,
                       "body": request.body.decode("latin-1"), "trailers": request.trailers,
                       "connection": request.connection}).encode()


def fixed(body: bytes, status: int = 200, fields=()) -> Script:
    """The same answer for everybody."""
    def script(exchange: Exchange):
        exchange.body()
        exchange.answer(status, body, fields)
    return script


def raw(data: bytes, *, then: str = "keep") -> Script:
    """Exact bytes for an answer; then the connection is kept, closed or reset."""
    def script(exchange: Exchange):
        exchange.body()
        exchange.send(data)
        if then == "close":
            exchange.close()
        elif then == "reset":
            exchange.reset()
    return script


class _Stream:
    def __init__(self, connected: socket.socket):
        self.socket = connected
        self.buffer = b""

    def fill(self):
        try:
            data = self.socket.recv(BLOCK)
        except (OSError, ValueError) as error:
            raise Gone from error
        if not data:
            raise Gone
        self.buffer += data

    def take(self, size: int) -> bytes:
        while len(self.buffer) < size:
            self.fill()
        taken, self.buffer = self.buffer[:size], self.buffer[size:]
        return taken

    def take_until(self, mark: bytes) -> bytes:
        while (at := self.buffer.find(mark)) < 0:
            self.fill()
        taken, self.buffer = self.buffer[:at], self.buffer[at + len(mark):]
        return taken

    def take_line(self) -> bytes:
        return self.take_until(b"\r\n")

    def take_chunk(self) -> bytes:
        size = int(self.take_line(), 16)
        data = self.take(size)
        if size:
            assert self.take(2) == b"\r\n", "a chunk does not end with CRLF"
        return data

    def send(self, data: bytes):
        try:
            self.socket.sendall(data)
        except (OSError, ValueError) as error:
            raise Gone from error

    def close(self):
        try:
            if not isinstance(self.socket, ssl.SSLSocket):
                self.socket.shutdown(socket.SHUT_WR)
                self.socket.settimeout(2)
                while self.socket.recv(BLOCK):  # So that bytes under way do not make a reset of it.
                    pass
        except OSError:
            pass
        self.socket.close()

    def reset(self):
        self.socket.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, b"\x01\0\0\0\0\0\0\0")
        self.socket.close()

    def wait_gone(self, seconds: float) -> bool:
        self.socket.settimeout(seconds)
        try:
            while self.socket.recv(BLOCK):
                pass
            return True
        except TimeoutError:
            return False
        except OSError:
            return True


class Origin:
    """Listens from the start. Attributes: port, requests (in the order of their arrival), garbage, connections."""

    def __init__(self, *, tls: ssl.SSLContext | None = None, port: int | None = None, default: Script = echo):
        self.port = port or free_port()
        self.tls = tls
        self.default = default
        self.scripts: dict[str, Script] = {}
        self.requests: list[Request] = []
        self.garbage: list[bytes] = []
        self.connections = 0
        self.live: dict[int, socket.socket] = {}
        self.failures: list[str] = []
        self._lock = threading.Lock()
        self._names = count(1)
        self.listener = None
        self.start()

    # ---- Scripts and memory

    def on(self, path: str, script: Script):
        self.scripts[path] = script

    def case(self, script: Script | None = None) -> str:
        """A path that no other call returns, with a script of its own."""
        path = f"/case/{next(self._names)}"
        if script:
            self.on(path, script)
        return path

    def seen(self, path: str) -> list[Request]:
        """Requests for a path, or below it."""
        with self._lock:
            return [each for each in self.requests if each.path == path or each.path.startswith(path + "/")]

    def forget(self):
        with self._lock:
            self.requests.clear()
            self.garbage.clear()

    # ---- Life

    def start(self):
        self.listener = socket.socket()
        self.listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        self.listener.bind(("127.0.0.1", self.port))
        self.listener.listen(1024)
        threading.Thread(target=self._accept, args=(self.listener,), daemon=True).start()

    def stop(self):
        """Stops listening and breaks every connection, as a killed process does."""
        listener, self.listener = self.listener, None
        if listener is None:
            return
        try:
            listener.shutdown(socket.SHUT_RDWR)
        except OSError:
            pass
        listener.close()
        self.break_connections()

    def break_connections(self):
        with self._lock:
            broken, self.live = list(self.live.values()), {}
        for each in broken:
            try:
                each.shutdown(socket.SHUT_RDWR)
            except OSError:
                pass

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.stop()

    # ---- Serving

    def _accept(self, listener: socket.socket):
        while True:
            try:
                connected, _ = listener.accept()
            except OSError:
                return
            with self._lock:
                self.connections += 1
                number = self.connections
                self.live[number] = connected
            threading.Thread(target=self._serve, args=(connected, number), daemon=True).start()

    def _serve(self, connected: socket.socket, number: int):
        try:
            connected.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            if self.tls:
                connected = self.tls.wrap_socket(connected, server_side=True)
            stream = _Stream(connected)
            while self._serve_one(stream, number):
                pass
        except (Gone, OSError):
            pass
        except Exception as error:  # pylint: disable=broad-except
            self.failures.append(f"{type(error).__name__}: {error}")
        finally:
            with self._lock:
                self.live.pop(number, None)
            try:
                connected.close()
            except OSError:
                pass

    def _serve_one(self, stream: _Stream, number: int) -> bool:
        head = stream.take_until(b"\r\n\r\n")
        lines = head.split(b"\r\n")
        match = REQUEST_LINE.match(lines[0])
        if not match:
            with self._lock:
                self.garbage.append(head)
            return False
        fields = [(name.decode("latin-1").lower(), value.strip().decode("latin-1"))
                  for name, _, value in (line.partition(b":") for line in lines[1:])]
        request = Request(match[1].decode(), match[2].decode("latin-1"), fields, head, number)
        with self._lock:
            self.requests.append(request)
        exchange = Exchange(stream, request)
        self.scripts.get(request.path, self.default)(exchange)
        if not exchange.closed and not exchange.body_read and exchange.has_body():
            exchange.close()
        return not exchange.closed

    def await_seen(self, path: str, number: int = 1) -> list[Request]:
        return until(lambda: len(found := self.seen(path)) >= number and found, f"{number} requests for {path} at the origin")
