# SPDX-License-Identifier: Apache-2.0
"""A client of HTTP/1 that sends exact bytes, and reads answers without forgiving anything: an answer that breaks the
rules of its framing is an error of the test, not a guess."""
import re
import socket
import ssl
import time
from dataclasses import dataclass, field

BLOCK = 256 * 1024
STATUS_LINE = re.compile(rb"HTTP/(1\.[01]) ([1-5][0-9][0-9]) ([\t\x20-\x7e\x80-\xff]*)\Z")
FIELD = re.compile(rb"([!#$%&'*+\-.^_`|~0-9A-Za-z]+):[ \t]*((?:[\x21-\x7e\x80-\xff](?:[\t\x20-\x7e\x80-\xff]*"
                   rb"[\x21-\x7e\x80-\xff])?)?)[ \t]*\Z")


class Closed(Exception):
    """The connection ended where more was due. `got` is what had arrived of the message."""

    def __init__(self, got: bytes, reset: bool):
        super().__init__(f"{'reset' if reset else 'closed'} after {len(got)} bytes: {got[:200]!r}")
        self.got, self.reset = got, reset


class Malformed(AssertionError):
    """The answer breaks the rules of HTTP."""


@dataclass
class Response:
    """An answer, complete, with the interim ones before it."""

    status: int
    reason: str
    version: str
    fields: list[tuple[str, str]]
    body: bytes = b""
    chunks: list[bytes] = field(default_factory=list)
    trailers: list[tuple[str, str]] = field(default_factory=list)
    interim: list["Response"] = field(default_factory=list)
    framing: str = "none"

    def all(self, name: str) -> list[str]:
        return [value for key, value in self.fields if key == name]

    def get(self, name: str, default: str | None = None) -> str | None:
        values = self.all(name)
        assert len(values) < 2, f"{name} stands {len(values)} times"
        return values[0] if values else default

    @property
    def closes(self) -> bool:
        return "close" in (self.get("connection") or "").lower()

    def text(self) -> str:
        return self.body.decode()


def parse_fields(lines: list[bytes]) -> list[tuple[str, str]]:
    fields = []
    for line in lines:
        match = FIELD.match(line)
        if not match:
            raise Malformed(f"no field: {line!r}")
        fields.append((match[1].decode().lower(), match[2].decode("latin-1")))
    return fields


def parse_head(head: bytes) -> Response:
    """A head without its empty line."""
    lines = head.split(b"\r\n")
    match = STATUS_LINE.match(lines[0])
    if not match:
        raise Malformed(f"no status line: {lines[0]!r}")
    if re.search(rb"(?<!\r)\n|\r(?!\n)", head):
        raise Malformed(f"a line that ends wrongly in {head!r}")
    return Response(int(match[2]), match[3].decode("latin-1"), match[1].decode(), parse_fields(lines[1:]))


class Connection:
    """A connection of a client. Every wait has a limit, which is a failure of the test."""

    def __init__(self, address, *, tls: ssl.SSLContext | None = None, server_name: str = "localhost", seconds: float = 15,
                 receive_buffer: int | None = None):
        self.seconds = seconds
        plain = socket.socket(socket.AF_INET, socket.SOCK_STREAM)
        plain.settimeout(seconds)
        if receive_buffer:
            plain.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, receive_buffer)
        plain.connect(address)
        plain.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self.socket = tls.wrap_socket(plain, server_hostname=server_name) if tls else plain
        self.buffer = b""
        self.ended = False

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.close()

    def close(self):
        self.socket.close()

    def reset(self):
        """Closes with a reset."""
        self.socket.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, b"\x01\0\0\0\0\0\0\0")
        self.socket.close()

    def shut_down(self):
        self.socket.shutdown(socket.SHUT_WR)

    def send(self, data: bytes):
        self.socket.sendall(data)

    def try_send(self, data: bytes):
        """Sends what the gateway takes: it may have refused, and closed, before the end."""
        try:
            self.socket.sendall(data)
        except (BrokenPipeError, ConnectionResetError, ssl.SSLError):
            pass

    # ---- Reading

    def fill(self) -> bool:
        """Reads some more; false at the end."""
        try:
            data = self.socket.recv(BLOCK)
        except (ConnectionResetError, BrokenPipeError, ssl.SSLEOFError) as reset:
            raise Closed(self.buffer, True) from reset
        except TimeoutError:
            raise AssertionError(f"over {self.seconds} seconds without a byte; so far {self.buffer[:300]!r}") from None
        self.buffer += data
        self.ended = not data
        return bool(data)

    def take(self, size: int) -> bytes:
        while len(self.buffer) < size:
            if not self.fill():
                raise Closed(self.buffer, False)
        taken, self.buffer = self.buffer[:size], self.buffer[size:]
        return taken

    def take_line(self) -> bytes:
        return self.take_until(b"\r\n")

    def take_until(self, mark: bytes) -> bytes:
        """The bytes before the mark, which is taken too."""
        while (at := self.buffer.find(mark)) < 0:
            if not self.fill():
                raise Closed(self.buffer, False)
        taken, self.buffer = self.buffer[:at], self.buffer[at + len(mark):]
        return taken

    def read_head(self) -> Response:
        return parse_head(self.take_until(b"\r\n\r\n"))

    def read_chunk(self) -> bytes:
        """The next chunk of a chunked body, empty at its end; the trailers are then still to be read."""
        line = self.take_line()
        if not re.fullmatch(rb"[0-9a-fA-F]{1,16}", line):
            raise Malformed(f"no chunk size: {line!r}")
        size = int(line, 16)
        if size == 0:
            return b""
        data = self.take(size)
        if self.take(2) != b"\r\n":
            raise Malformed("a chunk does not end with CRLF")
        return data

    def read_trailers(self) -> list[tuple[str, str]]:
        lines = []
        while line := self.take_line():
            lines.append(line)
        return parse_fields(lines)

    def read(self, method: str = "GET") -> Response:
        """A whole answer."""
        interim = []
        while 100 <= (response := self.read_head()).status < 200 and response.status != 101:
            interim.append(response)
        response.interim = interim
        lengths, codings = response.all("content-length"), response.all("transfer-encoding")
        if len(lengths) + len(codings) > 1:
            raise Malformed(f"ambiguous framing: {lengths} {codings}")
        if method == "HEAD" or response.status in (101, 204, 304):
            return response
        if codings:
            if codings != ["chunked"]:
                raise Malformed(f"transfer-encoding {codings}")
            response.framing = "chunked"
            while chunk := self.read_chunk():
                response.chunks.append(chunk)
            response.trailers = self.read_trailers()
            response.body = b"".join(response.chunks)
        elif lengths:
            response.framing = "length"
            response.body = self.take(int(lengths[0]))
        else:
            response.framing = "close"
            response.body = self.read_to_end()
        return response

    def read_to_end(self) -> bytes:
        while self.fill():
            pass
        taken, self.buffer = self.buffer, b""
        return taken

    def is_closed(self, seconds: float = 5) -> bool:
        """Whether the gateway closes without another byte."""
        if self.buffer:
            return False
        if self.ended:
            return True
        self.socket.settimeout(seconds)
        try:
            return self.socket.recv(1) == b""
        except (ConnectionResetError, ssl.SSLError):
            return True
        except TimeoutError:
            return False
        finally:
            self.socket.settimeout(self.seconds)

    def is_quiet(self, seconds: float = 0.2) -> bool:
        """Whether it stays open, and silent, for a moment. The absence of something: needs a control beside it."""
        if self.buffer or self.ended:
            return False
        self.socket.settimeout(seconds)
        try:
            self.buffer += (data := self.socket.recv(1))
            self.ended = not data
            return False
        except TimeoutError:
            return True
        finally:
            self.socket.settimeout(self.seconds)

    def ask(self, head: str, body: bytes = b"") -> Response:
        """Sends a head, written as lines, and a body; reads the answer."""
        self.send(request(head, body))
        return self.read(head.split(None, 1)[0])


def request(head: str, body: bytes = b"") -> bytes:
    """A request from lines of text: the host and, for a body, its length are added where they are missing."""
    lines = [line.strip() for line in head.strip().splitlines()]
    names = {line.split(":")[0].lower() for line in lines[1:]}
    if not re.search(r" HTTP/\d\.\d$", lines[0]):
        lines[0] += " HTTP/1.1"
    if "host" not in names:
        lines.insert(1, "host: test.example")
    if body and not names & {"content-length", "transfer-encoding"}:
        lines.append(f"content-length: {len(body)}")
    return "\r\n".join(lines).encode("latin-1") + b"\r\n\r\n" + body


def ask(address, head: str, body: bytes = b"", **connecting) -> Response:
    """One request on a connection of its own."""
    with Connection(address, **connecting) as connection:
        return connection.ask(head, body)


def chunked(*pieces: bytes, trailers: bytes = b"") -> bytes:
    return b"".join(b"%x\r\n%s\r\n" % (len(piece), piece) for piece in pieces) + b"0\r\n" + trailers + b"\r\n"


def can_connect(address) -> bool:
    try:
        socket.create_connection(address, 1).close()
        return True
    except OSError:
        return False


def seconds_since(begin: float) -> float:
    return time.monotonic() - begin
