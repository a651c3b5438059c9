# SPDX-License-Identifier: Apache-2.0
"""HTTP/2 by the library h2, on blocking sockets: a client, an origin, and frames by hand for what no library sends."""
import socket
import ssl
import threading
import time
from dataclasses import dataclass, field

import h2.config
import h2.connection
import h2.errors
import h2.events
import h2.exceptions
import h2.settings
from hyperframe.frame import Frame

from harness.ports import free_port

PREFACE = b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n"


@dataclass
class Answer:
    """What came on one stream."""

    status: int = 0
    fields: list[tuple[str, str]] = field(default_factory=list)
    pieces: list[bytes] = field(default_factory=list)
    trailers: list[tuple[str, str]] = field(default_factory=list)
    interim: list[int] = field(default_factory=list)
    ended: bool = False
    reset: int | None = None

    @property
    def body(self) -> bytes:
        return b"".join(self.pieces)

    def get(self, name: str) -> str | None:
        return next((value for key, value in self.fields if key == name), None)


class Client:
    """A connection. Windows open again as data is read unless `hold` is set."""

    def __init__(self, address, *, tls: ssl.SSLContext | None = None, server_name: str = "localhost", seconds: float = 15,
                 settings=None):
        self.seconds = seconds
        self.socket = socket.create_connection(address, seconds)
        self.socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        if tls:
            self.socket = tls.wrap_socket(self.socket, server_hostname=server_name)
            assert self.socket.selected_alpn_protocol() == "h2"
        self.h2 = h2.connection.H2Connection(h2.config.H2Configuration(header_encoding="utf-8"))
        if settings:
            self.h2.local_settings = h2.settings.Settings(client=True, initial_values=settings)
        self.h2.initiate_connection()
        self.answers: dict[int, Answer] = {}
        self.went_away: int | None = None
        self.closed = False
        self.hold = False
        self.pings = 0
        self.unread = b""
        self.flush()

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.socket.close()

    def flush(self):
        self.socket.sendall(self.h2.data_to_send())

    def send_frames(self, data: bytes):
        """Bytes past the library. The gateway may close at any of them."""
        try:
            self.socket.sendall(data)
        except OSError:
            self.closed = True

    def open(self, path: str, *, method: str = "GET", body: bytes | None = None, fields=(), end: bool = True,
             authority: str = "test.example") -> int:
        stream = self.h2.get_next_available_stream_id()
        head = [(":method", method), (":scheme", "http"), (":authority", authority), (":path", path), *fields]
        self.h2.send_headers(stream, head, end_stream=end and body is None)
        self.answers[stream] = Answer()
        self.flush()
        if body is not None:
            self.send_body(stream, body, end)
        return stream

    def send_body(self, stream: int, body: bytes, end: bool = True):
        """Sends as the windows allow, reading meanwhile."""
        while body:
            room = min(self.h2.local_flow_control_window(stream), self.h2.max_outbound_frame_size, len(body))
            if room == 0:
                self.receive()
                continue
            self.h2.send_data(stream, body[:room])
            self.flush()
            body = body[room:]
        if end:
            self.h2.end_stream(stream)
            self.flush()

    def wait(self, stream: int) -> Answer:
        """The whole answer, or how it broke off."""
        answer = self.answers[stream]
        while not answer.ended and answer.reset is None:
            assert not self.closed, f"the connection closed (GOAWAY {self.went_away}) before the answer on {stream}"
            self.receive()
        return answer

    def ask(self, path: str, **more) -> Answer:
        return self.wait(self.open(path, **more))

    def wait_closed(self, seconds: float = 10) -> bool:
        end = time.monotonic() + seconds
        self.socket.settimeout(1)
        while not self.closed and time.monotonic() < end:
            try:
                self.receive()
            except (TimeoutError, AssertionError):
                pass
        return self.closed

    def receive(self):
        """Reads once and takes note of what came."""
        try:
            data = self.socket.recv(256 * 1024)
        except TimeoutError:
            raise AssertionError(f"over {self.seconds} seconds without a frame") from None
        except OSError:
            data = b""
        if not data:
            self.closed = True
            return
        self.unread += data
        while len(self.unread) >= 9 and len(self.unread) >= (size := 9 + int.from_bytes(self.unread[:3], "big")):
            one, self.unread = self.unread[:size], self.unread[size:]
            try:
                events = self.h2.receive_data(one)
            except h2.exceptions.ProtocolError as error:
                raise AssertionError(f"the gateway breaks HTTP/2: {error}") from error
            for event in events:
                self._note(event)
        try:
            self.flush()
        except OSError:
            pass

    def _note(self, event):
        answer = self.answers.get(getattr(event, "stream_id", None) or 0, Answer())
        match event:
            case h2.events.InformationalResponseReceived():
                answer.interim.append(int(dict(event.headers)[":status"]))
            case h2.events.ResponseReceived():
                answer.status = int(dict(event.headers)[":status"])
                answer.fields = [(name, value) for name, value in event.headers if not name.startswith(":")]
            case h2.events.DataReceived():
                answer.pieces.append(event.data)
                if not self.hold and event.flow_controlled_length:
                    self.h2.acknowledge_received_data(event.flow_controlled_length, event.stream_id)
            case h2.events.TrailersReceived():
                answer.trailers = list(event.headers)
            case h2.events.StreamEnded():
                answer.ended = True
            case h2.events.StreamReset():
                answer.reset = event.error_code
            case h2.events.ConnectionTerminated():
                self.went_away = event.error_code
                # The library takes this for the end of everything; streams that are open go on, says the standard.
                self.h2.state_machine.state = h2.connection.ConnectionState.CLIENT_OPEN
            case h2.events.PingAckReceived():
                self.pings += 1


def frame(kind: type[Frame], stream: int = 0, **attributes) -> bytes:
    """A frame by hand: `flags` is a list of names, the rest are attributes of hyperframe's class."""
    made = kind(stream, flags=attributes.pop("flags", ()))
    for name, value in attributes.items():
        setattr(made, name, value)
    return made.serialize()


def raw_frame(kind: int, flags: int, stream: int, payload: bytes) -> bytes:
    return len(payload).to_bytes(3, "big") + bytes([kind, flags]) + stream.to_bytes(4, "big") + payload


class Origin:
    """An upstream that speaks HTTP/2 by prior knowledge and answers each request with `script(request fields, body)`,
    which returns a status, fields and pieces; a piece of None resets the stream. Attributes: port, requests."""

    def __init__(self, script=None, *, tls: ssl.SSLContext | None = None):
        self.port = free_port()
        self.script = script or (lambda fields, body: (200, [], [b"over h2: ", body]))
        self.tls = tls
        self.requests: list[list[tuple[str, str]]] = []
        self.connections = 0
        self.resets = 0
        self.listener = socket.create_server(("127.0.0.1", self.port), backlog=256)
        threading.Thread(target=self._accept, daemon=True).start()

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.listener.close()

    def _accept(self):
        while True:
            try:
                connected, _ = self.listener.accept()
            except OSError:
                return
            self.connections += 1
            threading.Thread(target=self._serve, args=(connected,), daemon=True).start()

    def _serve(self, connected: socket.socket):
        try:
            if self.tls:
                connected = self.tls.wrap_socket(connected, server_side=True)
            server = h2.connection.H2Connection(h2.config.H2Configuration(client_side=False, header_encoding="utf-8"))
            server.initiate_connection()
            connected.sendall(server.data_to_send())
            bodies: dict[int, list] = {}
            left: dict[int, list] = {}
            while data := connected.recv(65536):
                for event in server.receive_data(data):
                    self._note(server, event, bodies, left)
                for stream in list(left):
                    send_some(server, stream, left)
                connected.sendall(server.data_to_send())
        except (OSError, h2.exceptions.ProtocolError):
            pass
        finally:
            connected.close()

    def _note(self, server, event, bodies, left):
        match event:
            case h2.events.RequestReceived():
                bodies[event.stream_id] = [list(event.headers), b""]
                self.requests.append(list(event.headers))
            case h2.events.DataReceived():
                bodies[event.stream_id][1] += event.data
                server.acknowledge_received_data(event.flow_controlled_length, event.stream_id)
            case h2.events.StreamReset():
                self.resets += 1
                left.pop(event.stream_id, None)
            case h2.events.StreamEnded():
                status, fields, pieces = self.script(*bodies.pop(event.stream_id))
                server.send_headers(event.stream_id, [(":status", str(status)), *fields])
                left[event.stream_id] = list(pieces)


def send_some(server, stream: int, left: dict):
    """Sends of a stream's pieces what its window takes."""
    pieces = left[stream]
    while pieces:
        if pieces[0] is None:
            server.reset_stream(stream, h2.errors.ErrorCodes.INTERNAL_ERROR)
            del left[stream]
            return
        room = min(server.local_flow_control_window(stream), server.max_outbound_frame_size)
        if room == 0 and pieces[0]:
            return
        server.send_data(stream, pieces[0][:room])
        if rest := pieces[0][room:]:
            pieces[0] = rest
        else:
            pieces.pop(0)
    server.end_stream(stream)
    del left[stream]
