# SPDX-License-Identifier: Apache-2.0
"""Streams: each piece goes on as it comes, neither joined with the next nor waiting for it; a slow reader slows the writer
and costs no memory; who leaves is missed on the other side."""
import threading

import pytest

from harness import http2
from harness.origin import Exchange, Gone
from harness.program import SANITIZED
from harness.raw import Closed, Connection, chunked, request
from harness.until import until

HEAD = b"HTTP/1.1 200 OK\r\ncontent-type: text/event-stream\r\ntransfer-encoding: chunked\r\n\r\n"


class StepByStep:
    """A script that sends its next event only when the test has seen the one before: what waits for more never comes."""

    def __init__(self, events: list[bytes]):
        self.events = events
        self.step = threading.Semaphore(0)

    def __call__(self, exchange: Exchange):
        exchange.body()
        exchange.send(HEAD)
        for event in self.events:
            if not self.step.acquire(timeout=20):  # pylint: disable=consider-using-with
                return
            exchange.send(b"%x\r\n%s\r\n" % (len(event), event))
        exchange.send(b"0\r\n\r\n")


EVENTS = [b'data: {"n": %d}\n\n' % n for n in range(50)]


def test_each_event_passes_before_the_next_is_sent(edge, origin):
    script = StepByStep(EVENTS)
    with Connection(edge) as connection:
        connection.send(request(f"GET {origin.case(script)}"))
        head = connection.read_head()  # Before any event.
        assert head.get("content-type") == "text/event-stream"
        for event in EVENTS:
            script.step.release()
            assert connection.read_chunk() == event
        assert connection.read_chunk() == b""


def test_each_event_passes_over_http2(edge, origin):
    script = StepByStep(EVENTS)
    with http2.Client(edge) as client:
        stream = client.open(origin.case(script))
        answer = client.answers[stream]
        until(lambda: answer.status or client.receive(), "the head")
        for number, event in enumerate(EVENTS):
            script.step.release()
            until(lambda: len(answer.body) >= sum(map(len, EVENTS[:number + 1])) or client.receive(), "the event")  # pylint: disable=cell-var-from-loop
            assert answer.body.endswith(event)
        assert client.wait(stream).ended


def test_events_cut_anywhere_pass_as_they_come(edge, origin):
    """Halves of lines pass too: nothing waits for the end of an event."""
    pieces = [b"da", b"ta: a", b"b\n", b"\n", b"d", b"ata: c\r", b"\n\r\n"]
    script = StepByStep(pieces)
    with Connection(edge) as connection:
        connection.send(request(f"GET {origin.case(script)}"))
        connection.read_head()
        for piece in pieces:
            script.step.release()
            assert connection.read_chunk() == piece


def test_pieces_of_a_request_pass_as_they_come(edge, origin):
    got = []

    def read(exchange: Exchange):
        exchange.body_read = True
        while chunk := exchange.stream.take_chunk():
            got.append(chunk)
        exchange.stream.take_line()
        exchange.answer(200, b"".join(got))
    with Connection(edge) as connection:
        connection.send(request(f"POST {origin.case(read)}\ntransfer-encoding: chunked"))
        for number in range(20):
            connection.send(b"5\r\nitem%d\r\n" % (number % 10))
            until(lambda: len(got) == number + 1, "the piece at the origin")  # pylint: disable=cell-var-from-loop
        connection.send(b"0\r\n\r\n")
        assert connection.read().body == b"".join(got)


def test_both_directions_at_once(edge, origin):
    """An answer that begins before the request has ended, piece for piece."""
    def converse(exchange: Exchange):
        exchange.body_read = True
        exchange.send(HEAD)
        while chunk := exchange.stream.take_chunk():
            exchange.send(b"%x\r\n%s\r\n" % (len(chunk), chunk.upper()))
        exchange.stream.take_line()
        exchange.send(b"0\r\n\r\n")
    with Connection(edge) as connection:
        connection.send(request(f"POST {origin.case(converse)}\ntransfer-encoding: chunked"))
        assert connection.read_head().status == 200
        for word in (b"one", b"two", b"three"):
            connection.send(b"%x\r\n%s\r\n" % (len(word), word))
            assert connection.read_chunk() == word.upper()
        connection.send(b"0\r\n\r\n")
        assert connection.read_chunk() == b""
        connection.read_trailers()
        assert connection.ask(f"GET {origin.case()}").status == 200


def test_a_hundred_streams_at_once(edge, origin):
    script = [StepByStep(EVENTS[:5]) for _ in range(100)]
    connections = []
    for each in script:
        connection = Connection(edge)
        connection.send(request(f"GET {origin.case(each)}"))
        connections.append(connection)
    for step in range(5):
        for each in script:
            each.step.release()
        for connection in connections:
            if step == 0:
                connection.read_head()
            assert connection.read_chunk() == EVENTS[step]
    for connection in connections:
        connection.close()


# ---- Back-pressure

MUCH = 200 << 20
BOUND = (64 if SANITIZED else 16) << 20


def pour(sent: list, done: list):
    def script(exchange: Exchange):
        exchange.body()
        exchange.send(b"HTTP/1.1 200 OK\r\ncontent-length: %d\r\n\r\n" % MUCH)
        piece = b"x" * (1 << 18)
        try:
            for _ in range(MUCH // len(piece)):
                exchange.send(piece)
                sent.append(len(piece))
        except Gone:
            done.append("gone")
            raise
        done.append("all")
    return script


def stalls(sent: list) -> bool:
    """Whether the writer has stopped: the same sum for a while."""
    import time  # pylint: disable=import-outside-toplevel
    before = len(sent)
    time.sleep(0.3)
    return before > 0 and len(sent) == before


def test_a_client_that_stops_reading_stops_the_origin(shared_gateway, edge, origin):
    sent, done = [], []
    before = shared_gateway.resident_bytes()
    with Connection(edge, receive_buffer=8192) as connection:
        connection.send(request(f"GET {origin.case(pour(sent, done))}"))
        assert connection.read_head().status == 200
        until(lambda: stalls(sent), "the origin stalls")
        assert sum(sent) < MUCH // 2
        assert shared_gateway.resident_bytes() - before < BOUND
    until(lambda: done, "the origin learns that the client has gone")
    assert done == ["gone"]


def test_an_http2_stream_that_is_not_read_stops_its_origin_only(shared_gateway, edge, origin):
    sent, done = [], []
    before = shared_gateway.resident_bytes()
    with http2.Client(edge) as client:
        client.hold = True
        stream = client.open(origin.case(pour(sent, done)))
        until(lambda: len(client.answers[stream].body) >= 65535 or client.receive(), "a window full")
        until(lambda: stalls(sent), "the origin stalls")
        assert len(client.answers[stream].body) == 65535
        assert shared_gateway.resident_bytes() - before < BOUND
        client.h2.increment_flow_control_window(1 << 20)
        client.hold = False
        assert client.ask(origin.case()).status == 200, "another stream goes on"
    until(lambda: done, "the origin learns that the client has gone")


@pytest.mark.parametrize("framing", ["length", "chunked"])
def test_an_origin_that_stops_reading_stops_the_client(shared_gateway, edge, origin, framing):
    go = threading.Event()

    def lazy(exchange: Exchange):
        go.wait(20)
        exchange.answer(200, b"%d" % len(exchange.body()))
    before = shared_gateway.resident_bytes()
    size = 40 << 20
    sent = []
    with Connection(edge) as connection:
        if framing == "length":
            connection.send(request(f"POST {origin.case(lazy)}\ncontent-length: {size}"))
        else:
            connection.send(request(f"POST {origin.case(lazy)}\ntransfer-encoding: chunked"))

        def send():
            piece = b"x" * (1 << 18)
            for _ in range(size // len(piece)):
                connection.send(piece if framing == "length" else b"40000\r\n" + piece + b"\r\n")
                sent.append(1)
            if framing == "chunked":
                connection.send(b"0\r\n\r\n")
        thread = threading.Thread(target=send)
        thread.start()
        until(lambda: stalls(sent), "the client stalls")
        assert len(sent) < size >> 18
        assert shared_gateway.resident_bytes() - before < BOUND
        go.set()
        assert connection.read().body == b"%d" % size
        thread.join()


# ---- Leaving

@pytest.mark.parametrize("leave", ["close", "reset"])
def test_a_client_that_leaves_is_missed_at_the_origin(edge, origin, leave):
    gone = []

    def endless(exchange: Exchange):
        exchange.body()
        exchange.send(HEAD + b"5\r\nhello\r\n")
        gone.append(exchange.wait_gone())
        exchange.close()
    with Connection(edge) as connection:
        connection.send(request(f"GET {origin.case(endless)}"))
        connection.read_head()
        assert connection.read_chunk() == b"hello"
        getattr(connection, leave)()
        until(lambda: gone, "the origin's connection ends")
    assert gone == [True]


def test_a_client_that_leaves_before_the_answer_is_missed_too(edge, origin):
    gone = []

    def thinks(exchange: Exchange):
        exchange.body()
        gone.append(exchange.wait_gone())
        exchange.close()
    path = origin.case(thinks)
    with Connection(edge) as connection:
        connection.send(request(f"POST {path}", b"hello"))
        origin.await_seen(path)
    until(lambda: gone, "the origin's connection ends")
    assert gone == [True]


def test_a_client_that_leaves_in_its_request_is_missed(edge, origin):
    broken = []

    def read(exchange: Exchange):
        try:
            exchange.body()
        except Gone:
            broken.append(True)
            raise
        broken.append(False)
    path = origin.case(read)
    with Connection(edge) as connection:
        connection.send(request(f"POST {path}\ntransfer-encoding: chunked", b"5\r\nhello\r\n"))
        origin.await_seen(path)
    until(lambda: broken, "the origin's request ends")
    assert broken == [True], "half a body looked complete"


def test_an_origin_that_leaves_in_its_stream_is_missed(edge, origin):
    def leaves(exchange: Exchange):
        exchange.body()
        exchange.send(HEAD + b"5\r\nhello\r\n")
        exchange.reset()
    with Connection(edge) as connection:
        connection.send(request(f"GET {origin.case(leaves)}"))
        with pytest.raises(Closed):
            if connection.read().status == 502:
                raise Closed(b"", False)


def test_a_long_upload_and_a_long_download_at_once(edge, origin):
    def mirror(exchange: Exchange):
        exchange.body_read = True
        exchange.send(HEAD)
        while chunk := exchange.stream.take_chunk():
            exchange.send(b"%x\r\n%s\r\n" % (len(chunk), chunk))
        exchange.stream.take_line()
        exchange.send(b"0\r\n\r\n")
    pieces = [bytes([n % 256]) * 50_000 for n in range(200)]
    with Connection(edge) as connection:
        connection.send(request(f"POST {origin.case(mirror)}\ntransfer-encoding: chunked"))
        thread = threading.Thread(target=connection.send, args=(chunked(*pieces),))
        thread.start()
        assert connection.read().body == b"".join(pieces)
        thread.join()
