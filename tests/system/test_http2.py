# SPDX-License-Identifier: Apache-2.0
"""HTTP/2 from clients: the conformance suite h2spec, ordinary exchanges, and floods, each with a fresh connection after it
that shows the gateway alive."""
import os
import subprocess
import xml.etree.ElementTree as xml
from pathlib import Path

import h2.errors
import h2.settings
import pytest
from hpack import Encoder
from hyperframe import frame as frames

from harness import http2
from harness.http2 import frame, raw_frame
from harness.origin import Exchange, raw
from harness.raw import chunked
from harness.until import until

H2SPEC = Path(os.environ.get("MYNAH_DEPS", Path.home() / ".cache/mynah")) / "bin/h2spec"


def test_conformance(edge, tmp_path):
    """h2spec in full, the strict cases too."""
    report = tmp_path / "h2spec.xml"
    done = subprocess.run([H2SPEC, "-h", edge[0], "-p", str(edge[1]), "-o", "5", "--strict", "-P", "/echo", "-j", str(report)],
                          capture_output=True, text=True, timeout=170, check=False)
    cases = list(xml.parse(report).iter("testcase")) if report.exists() else []
    failed = [f"{case.get('package')} {case.get('classname')}" for case in cases
              if case.find("failure") is not None or case.find("error") is not None]
    assert len(cases) >= 140, done.stdout[-3000:]
    assert not failed and done.returncode == 0, done.stdout[-6000:]


# ---- Ordinary exchanges

def test_prior_knowledge_on_a_plain_port(edge, origin):
    path = origin.case()
    with http2.Client(edge) as client:
        answer = client.ask(f"{path}?q=1", method="POST", body=b"hello", fields=[("x-mine", "1")])
        assert answer.status == 200 and answer.get("x-request-id")
    seen = origin.seen(path)[0]
    assert (seen.method, seen.target, seen.body, seen.get("host")) == ("POST", f"{path}?q=1", b"hello", "test.example")
    assert (seen.get("x-mine"), seen.get("via")) == ("1", "2 mynah")


def test_streams_run_side_by_side(edge, origin):
    waiting = []

    def hold(exchange: Exchange):
        waiting.append(exchange.request.target)
        until(lambda: len(waiting) == 20, "all requests at the origin at once")
        exchange.answer(200, exchange.request.target.encode())
    path = origin.case(hold)
    with http2.Client(edge) as client:
        streams = {client.open(f"{path}?{n}"): f"{path}?{n}" for n in range(20)}
        assert {stream: client.wait(stream).body.decode() for stream in streams} == streams


def test_bodies_pass_under_flow_control(edge, origin):
    def mirror(exchange: Exchange):
        exchange.answer(200, exchange.body())
    path = origin.case(mirror)
    body = bytes(range(256)) * 8000
    with http2.Client(edge) as client:
        assert client.ask(path, method="POST", body=body).body == body
        assert client.ask(path, method="POST", body=body, fields=[("content-length", str(len(body)))]).body == body


def test_trailers_pass_both_ways(edge, origin):
    def answer(exchange: Exchange):
        exchange.body()
        exchange.send(b"HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n" + chunked(b"ok", trailers=b"x-sum: 1\r\n"))
    path = origin.case(answer)
    with http2.Client(edge) as client:
        stream = client.open(path, method="POST", end=False)
        client.send_body(stream, b"hello", end=False)
        client.h2.send_headers(stream, [("x-check", "2")], end_stream=True)
        client.flush()
        answer = client.wait(stream)
    assert answer.trailers == [("x-sum", "1")]
    assert origin.seen(path)[0].trailers == [("x-check", "2")]


def test_head_no_content_and_interim_answers(edge, origin):
    with http2.Client(edge) as client:
        head = client.ask(origin.case(raw(b"HTTP/1.1 200 OK\r\ncontent-length: 5\r\n\r\n")), method="HEAD")
        assert (head.status, head.get("content-length"), head.body) == (200, "5", b"")
        assert client.ask(origin.case(raw(b"HTTP/1.1 204 No\r\n\r\n"))).status == 204
        hints = client.ask(origin.case(raw(b"HTTP/1.1 103 Early\r\nlink: </a>\r\n\r\nHTTP/1.1 200 OK\r\ncontent-length: 0\r\n\r\n")))
        assert (hints.status, hints.interim) == (200, [103])


def test_cookies_are_joined_for_http1(edge, origin):
    path = origin.case()
    with http2.Client(edge) as client:
        client.ask(path, fields=[("cookie", "a=1"), ("cookie", "b=2")])
    assert origin.seen(path)[0].all("cookie") == ["a=1; b=2"]


def test_a_reset_stream_is_cancelled_at_the_origin(edge, origin):
    gone = []

    def slow(exchange: Exchange):
        exchange.send(b"HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n5\r\nhello\r\n")
        gone.append(exchange.wait_gone())
        exchange.close()
    path = origin.case(slow)
    with http2.Client(edge) as client:
        stream = client.open(path)
        until(lambda: client.receive() or client.answers[stream].pieces, "the first piece")
        client.h2.reset_stream(stream, h2.errors.ErrorCodes.CANCEL)
        client.flush()
        until(lambda: gone, "the origin's connection ends")
        assert gone == [True]
        assert client.ask(origin.case()).status == 200


@pytest.mark.parametrize("fields", [
    pytest.param([("Upper", "x")], id="a name in capitals"),
    pytest.param([("x y", "z")], id="a space in a name"),
    pytest.param([("x:y", "z")], id="a colon in a name"),
    pytest.param([("", "z")], id="an empty name"),
    pytest.param([("x", "a\rb")], id="CR in a value"),
    pytest.param([("x", "a\nb: c")], id="LF in a value"),
    pytest.param([("x", "a\r\n\r\nGET /smuggled HTTP/1.1")], id="a request in a value"),
    pytest.param([("x", "a\0b")], id="NUL in a value"),
    pytest.param([("x\r\ny", "z")], id="CRLF in a name"),
    pytest.param([("connection", "close")], id="connection"),
    pytest.param([("transfer-encoding", "chunked")], id="transfer-encoding"),
    pytest.param([("upgrade", "h2c")], id="upgrade"),
    pytest.param([("te", "gzip")], id="te"),
    pytest.param([("content-length", "5")], id="a length and no body"),
    pytest.param([("content-length", "+0")], id="a length with plus"),
    pytest.param([("content-length", "0"), ("content-length", "0")], id="two lengths"),
    pytest.param([("host", "other.example")], id="another host"),
    pytest.param([(":path", "/smuggled")], id="two paths"),
    pytest.param([(":unknown", "x")], id="an unknown pseudo field"),
    pytest.param([(":method", "POST")], id="two methods"),
])
def test_fields_that_http2_forbids_reach_nobody(edge, origin, fields):
    path = origin.case()
    refused(edge, origin, path, [(":method", "GET"), (":scheme", "http"), (":authority", "a"), (":path", path)], fields)


@pytest.mark.parametrize("head", [
    pytest.param([(":method", "GET"), (":scheme", "http"), (":authority", "a"), (":path", "@ HTTP/1.1\r\nx: y")], id="CRLF in the path"),
    pytest.param([(":method", "GET"), (":scheme", "http"), (":authority", "a"), (":path", "@ /x")], id="a space in the path"),
    pytest.param([(":method", "GET @/smuggled"), (":scheme", "http"), (":authority", "a"), (":path", "@")], id="a space in the method"),
    pytest.param([(":method", "GET"), (":scheme", "http"), (":authority", "a\r\nx: y"), (":path", "@")], id="CRLF in the authority"),
    pytest.param([(":method", "GET"), (":scheme", "http"), (":authority", "u@a"), (":path", "@")], id="user information"),
    pytest.param([(":method", "GET"), (":scheme", "http"), (":authority", "a"), (":path", "")], id="an empty path"),
    pytest.param([(":method", "GET"), (":scheme", "http"), (":authority", "a"), (":path", "x@")], id="a path without slash"),
    pytest.param([(":method", "GET"), (":scheme", "http"), (":authority", "a"), (":path", "@#x")], id="a fragment"),
    pytest.param([(":method", "CONNECT"), (":authority", "a:80")], id="CONNECT"),
    pytest.param([(":method", "GET"), (":authority", "a"), (":path", "@")], id="no scheme"),
    pytest.param([(":scheme", "http"), (":authority", "a"), (":path", "@")], id="no method"),
    pytest.param([(":method", "GET"), (":scheme", "http"), (":path", "@")], id="no authority and no host"),
])
def test_heads_that_http2_forbids_reach_nobody(edge, origin, head):
    path = origin.case()
    refused(edge, origin, path, [(name, value.replace("@", path) if name != ":authority" else value) for name, value in head], [])


def refused(edge, origin, path, head, fields):
    with http2.Client(edge) as client:
        client.send_frames(frame(frames.HeadersFrame, 1, flags=["END_HEADERS", "END_STREAM"],
                                 data=Encoder().encode(head + fields)))
        client.h2.get_next_available_stream_id()
        client.answers[1] = http2.Answer()
        client.h2.streams.clear()
        status = first_answer(client)
    assert status is None or 400 <= status < 600, status
    assert [each.head for each in origin.seen(path)] == []
    assert origin.seen("/smuggled") == [] and not origin.garbage
    with http2.Client(edge) as control:
        assert control.ask(path).status == 200


def first_answer(client) -> int | None:
    """The status on stream 1, or None when it is reset or the connection ends. Read by hand: the library has not opened it."""
    from hpack import Decoder  # pylint: disable=import-outside-toplevel
    data, decoder = b"", Decoder()
    client.socket.settimeout(10)
    while True:
        while len(data) >= 9 and len(data) >= 9 + (size := int.from_bytes(data[:3], "big")):
            kind, stream, payload = data[3], int.from_bytes(data[5:9], "big"), data[9:9 + size]
            data = data[9 + size:]
            if kind == frames.HeadersFrame.type and stream == 1:
                return int(dict(decoder.decode(payload))[":status"])
            if kind in (frames.RstStreamFrame.type, frames.GoAwayFrame.type):
                return None
        try:
            more = client.socket.recv(65536)
        except ConnectionResetError:
            return None
        if not more:
            return None
        data += more


# ---- Limits and floods

FLOOD = 20_000
REACHES_AT_MOST = 100


def block(path: str) -> bytes:
    """A header block that leaves the compression's state as it was, so that it can be sent any number of times."""
    text = path.encode()
    return b"\x82\x86" + b"\x01\x06a.test" + b"\x04" + bytes([len(text)]) + text


def test_streams_over_the_limit_are_refused(edge, origin):
    held = []

    def hold(exchange: Exchange):
        held.append(1)
        until(lambda: held[0] == "go", "leave to answer", 60)
        exchange.answer()
    path = origin.case(hold)
    with http2.Client(edge) as client:
        opened = b"".join(raw_frame(1, 5, 2 * n + 1, block(path)) for n in range(150))
        client.send_frames(opened)
        refused_streams, data = set(), b""
        client.socket.settimeout(10)
        while len(refused_streams) < 50:
            more = client.socket.recv(65536)
            assert more, "the connection ends"
            data += more
            while len(data) >= 9 and len(data) >= 9 + (size := int.from_bytes(data[:3], "big")):
                if data[3] == frames.RstStreamFrame.type:
                    assert int.from_bytes(data[9:13], "big") == h2.errors.ErrorCodes.REFUSED_STREAM
                    refused_streams.add(int.from_bytes(data[5:9], "big"))
                data = data[9 + size:]
        assert refused_streams == {2 * n + 1 for n in range(100, 150)}
        assert len(held) <= 100
        held.insert(0, "go")
    alive(edge, origin)


def test_rapid_reset(shared_gateway, edge, origin):
    """Streams that are opened and reset at once."""
    path = origin.case()
    before = shared_gateway.cpu_seconds()
    with http2.Client(edge) as client:
        pair = [raw_frame(1, 5, 2 * n + 1, block(path)) + raw_frame(3, 0, 2 * n + 1, b"\0\0\0\x08") for n in range(FLOOD)]
        flood(client, pair)
    assert len(origin.seen(path)) <= REACHES_AT_MOST
    assert shared_gateway.cpu_seconds() - before < 5
    alive(edge, origin)


@pytest.mark.parametrize("what", [
    pytest.param(lambda stream: raw_frame(8, 0, stream, b"\0\0\0\0"), id="a window update of zero"),
    pytest.param(lambda stream: raw_frame(8, 0, stream, b"\x7f\xff\xff\xff"), id="a window beyond its limit"),
    pytest.param(lambda stream: raw_frame(2, 0, stream, stream.to_bytes(4, "big") + b"\0"), id="a stream that depends on itself"),
    pytest.param(lambda stream: raw_frame(0, 0, stream, b"x"), id="data after the end"),
])
def test_streams_that_the_server_is_made_to_reset(edge, origin, what):
    """The same, with the reset provoked: each stream breaks a rule right after its request."""
    path = origin.case()
    with http2.Client(edge) as client:
        flood(client, [raw_frame(1, 5, 2 * n + 1, block(path)) + what(2 * n + 1) for n in range(FLOOD)])
    assert len(origin.seen(path)) <= REACHES_AT_MOST
    alive(edge, origin)


def flood(client, pieces):
    """Sends in parts, reading what comes so that it is not the full socket that stops the gateway."""
    client.socket.settimeout(0.01)
    for at in range(0, len(pieces), 500):
        try:
            client.socket.settimeout(10)
            client.socket.sendall(b"".join(pieces[at:at + 500]))
            client.socket.settimeout(0.001)
            while data := client.socket.recv(1 << 20):
                pass
            if not data:
                return
        except (TimeoutError, BlockingIOError):
            continue
        except OSError:
            return


def alive(edge, origin):
    with http2.Client(edge) as control:
        assert control.ask(origin.case()).status == 200


def test_headers_without_end(edge, origin, shared_gateway):
    """CONTINUATION frames that never end: the connection is closed, and memory does not grow with what was sent."""
    path = origin.case()
    before = shared_gateway.resident_bytes()
    with http2.Client(edge) as client:
        client.send_frames(raw_frame(1, 1, 1, block(path)))
        piece = raw_frame(9, 0, 1, (b"\x00\x03abc\x7d" + b"\x01" + b"x" * 126) * 100)
        for _ in range(2000):
            if client.closed:
                break
            client.send_frames(piece)
        assert client.wait_closed()
    assert shared_gateway.resident_bytes() - before < 32 << 20
    assert origin.seen(path) == []
    alive(edge, origin)


def test_empty_continuations_without_end(edge, origin):
    path = origin.case()
    with http2.Client(edge) as client:
        client.send_frames(raw_frame(1, 1, 1, block(path)))
        for _ in range(200):
            client.send_frames(raw_frame(9, 0, 1, b"") * 1000)
            if client.closed:
                break
        assert client.wait_closed()
    alive(edge, origin)


def test_a_bomb_of_compressed_headers(edge, origin, shared_gateway):
    """One field of 4 KB in the table, named thousands of times."""
    path = origin.case()
    before = shared_gateway.resident_bytes()
    with http2.Client(edge) as client:
        bomb = block(path) + b"\x40\x04bomb\x7f\xa1\x1e" + b"x" * 4000 + b"\xbe" * 12_000
        client.send_frames(frame(frames.HeadersFrame, 1, flags=["END_HEADERS", "END_STREAM"], data=bomb))
        status = first_answer(client)
        assert status in (None, 431, 400)
    assert shared_gateway.resident_bytes() - before < 32 << 20
    assert origin.seen(path) == []
    alive(edge, origin)


@pytest.mark.parametrize("piece", [
    pytest.param(raw_frame(6, 0, 0, b"12345678"), id="pings"),
    pytest.param(raw_frame(4, 0, 0, b"\0\3\0\0\0\x64"), id="settings"),
    pytest.param(raw_frame(4, 0, 0, b""), id="empty settings"),
    pytest.param(raw_frame(2, 0, 99, b"\0\0\0\0\x10"), id="priorities"),
])
def test_control_frames_without_end_and_without_reading(edge, origin, shared_gateway, piece):
    """The answers pile up for a client that does not read them: it is cut, or held, and memory stays."""
    before, busy = shared_gateway.resident_bytes(), shared_gateway.cpu_seconds()
    with http2.Client(edge) as client:
        client.socket.settimeout(0.5)
        try:
            for _ in range(300):
                client.socket.sendall(piece * 1000)
        except OSError:
            pass
        assert shared_gateway.resident_bytes() - before < 32 << 20
        assert shared_gateway.cpu_seconds() - busy < 5
    alive(edge, origin)


def test_empty_data_without_end(edge, origin):
    path = origin.case()
    with http2.Client(edge) as client:
        stream = client.open(path, method="POST", end=False)
        client.socket.settimeout(0.5)
        try:
            for _ in range(200):
                client.socket.sendall(raw_frame(0, 0, stream, b"") * 1000)
        except OSError:
            pass
    alive(edge, origin)


def test_settings_that_starve_the_answer(edge, origin):
    """Windows of zero: the exchange waits, others go on, and it ends when the window opens."""
    path = origin.case(lambda exchange: exchange.answer(200, b"x" * 1000))
    with http2.Client(edge, settings={h2.settings.SettingCodes.INITIAL_WINDOW_SIZE: 0}) as client:
        stream = client.open(path)
        until(lambda: client.receive() or client.answers[stream].status, "the head of the answer")
        assert client.answers[stream].pieces == []
        alive(edge, origin)
        client.h2.increment_flow_control_window(1000, stream)
        client.flush()
        assert client.wait(stream).body == b"x" * 1000


@pytest.mark.parametrize("data", [
    pytest.param(b"PRI * HTTP/2.0\r\n\r\nXX\r\n\r\n", id="a preface that is wrong at its end"),
    pytest.param(http2.PREFACE + b"\0" * 9, id="data before settings"),
    pytest.param(http2.PREFACE + raw_frame(4, 0, 0, b"") + b"\xff\xff\xff\0\0\0\0\0\1", id="a frame that is too big"),
    pytest.param(http2.PREFACE + b"GET / HTTP/1.1\r\nhost: a\r\n\r\n", id="HTTP/1 after the preface"),
])
def test_what_is_no_http2_ends_the_connection(edge, origin, data):
    from harness.raw import Closed, Connection  # pylint: disable=import-outside-toplevel
    with Connection(edge) as connection:
        connection.try_send(data)
        try:
            connection.read_to_end()
        except Closed:
            pass
    alive(edge, origin)


# ---- Upstreams that speak HTTP/2

@pytest.fixture
def h2_edge(start):
    from harness import configs  # pylint: disable=import-outside-toplevel
    with http2.Origin(script) as upstream:
        gateway = start(configs.config([configs.service("h2", upstream.port, protocol="h2")], [configs.route("all", "h2")]))
        yield gateway.listener(), upstream


def script(fields, body):
    path = dict(fields)[":path"]
    if path == "/cut":
        return 200, [], [b"half", None]
    return 200, [("x-upstream", "h2")], [b"over h2: ", body]


def test_an_upstream_over_http2(h2_edge):
    from harness.raw import ask  # pylint: disable=import-outside-toplevel
    address, upstream = h2_edge
    response = ask(address, "POST /x?q=1\nconnection: x-private\nx-private: 1\nx-public: 2", b"hello")
    assert (response.status, response.body, response.get("x-upstream")) == (200, b"over h2: hello", "h2")
    seen = dict(upstream.requests[0])
    assert (seen[":method"], seen[":path"], seen[":authority"], seen[":scheme"]) == ("POST", "/x?q=1", "test.example", "http")
    assert seen["x-public"] == "2" and "x-private" not in seen and "connection" not in seen
    with http2.Client(address) as client:
        assert client.ask("/y", method="POST", body=b"z" * 200_000).body == b"over h2: " + b"z" * 200_000
    for _ in range(20):
        assert ask(address, "GET /z").status == 200
    assert upstream.connections <= 2  # One a worker.


def test_an_upstream_over_http2_that_resets(h2_edge):
    from harness.raw import Closed, ask  # pylint: disable=import-outside-toplevel
    address, _ = h2_edge
    try:
        assert ask(address, "GET /cut").status == 502
    except Closed:
        pass
    with http2.Client(address) as client:
        answer = client.ask("/cut")
        assert answer.reset is not None or answer.status == 502
        assert client.ask("/x").status == 200
