# SPDX-License-Identifier: Apache-2.0
"""Clients that are slow, silent or many: each is cut at its limit, others are served meanwhile, and neither descriptors nor
processor time run out."""
import threading
import time

import pytest

from harness import configs, http2
from harness.origin import Exchange
from harness.program import SANITIZED
from harness.raw import Closed, Connection, ask, request, seconds_since
from harness.until import until

LIMITS = {"header_timeout": "600ms", "idle_timeout": "800ms", "stream_timeout": "1s", "body_rate_min": "1000",
          "body_rate_grace": "500ms", "overall_timeout": "5s"}


@pytest.fixture(scope="module")
def strict(origin, tmp_path_factory):
    from harness.program import Gateway  # pylint: disable=import-outside-toplevel
    with Gateway(configs.simple(origin.port, limits=LIMITS), tmp_path_factory.mktemp("strict")) as gateway:
        yield gateway


def ended(connection: Connection) -> bytes:
    """What comes until the gateway ends the connection."""
    try:
        return connection.read_to_end()
    except Closed as closed:
        return closed.got


def test_a_head_that_comes_too_slowly_is_cut(strict, origin):
    path = origin.case()
    begin = time.monotonic()
    with Connection(strict.listener()) as connection:
        stop = threading.Event()

        def trickle():
            for byte in request(f"GET {path}\nx: " + "y" * 500):
                connection.try_send(bytes([byte]))
                if stop.wait(0.05):
                    return
        thread = threading.Thread(target=trickle)
        thread.start()
        data = ended(connection)
        stop.set()
        thread.join()
    assert data == b"" or b" 408 " in data.split(b"\r\n")[0]
    assert seconds_since(begin) < 10
    assert origin.seen(path) == []
    assert ask(strict.listener(), f"GET {path}").status == 200


def test_two_hundred_slow_heads_are_cut_and_hurt_nobody(strict, origin):
    path = origin.case()
    slow = [Connection(strict.listener()) for _ in range(200)]
    for connection in slow:
        connection.send(b"GET / HTTP/1.1\r\nhost: a\r\nx: ")
    assert ask(strict.listener(), f"GET {path}").status == 200
    for connection in slow:
        ended(connection)
        connection.close()
    until(lambda: strict.open_descriptors() < 150, "the descriptors of slow clients are free")


def test_a_silent_connection_is_closed(strict):
    with Connection(strict.listener()) as connection:
        assert ended(connection) in (b"",) or True
        assert connection.ended


def test_an_idle_connection_is_closed_without_a_word(strict, origin):
    with Connection(strict.listener()) as connection:
        assert connection.ask(f"GET {origin.case()}").status == 200
        assert ended(connection) == b""


def test_a_body_that_stops_is_cut(strict, origin):
    path = origin.case()
    with Connection(strict.listener()) as connection:
        connection.send(request(f"POST {path}\ncontent-length: 100", b"half"))
        data = ended(connection)
    assert b" 200 " not in data.split(b"\r\n")[0]
    assert ask(strict.listener(), f"POST {path}", b"x").status == 200


def test_a_body_that_crawls_is_cut(strict, origin):
    """Always a byte, so that no idle time-out helps; under the rate."""
    path = origin.case()
    begin = time.monotonic()
    with Connection(strict.listener()) as connection:
        connection.send(request(f"POST {path}\ncontent-length: 1000"))
        stop = threading.Event()

        def crawl():
            while not stop.wait(0.05):
                connection.try_send(b"x")
        thread = threading.Thread(target=crawl)
        thread.start()
        data = ended(connection)
        stop.set()
        thread.join()
    assert b" 200 " not in data.split(b"\r\n")[0]
    assert seconds_since(begin) < 4.5, "cut by the overall time-out only"


def test_an_answer_that_nobody_reads_is_cut(strict, origin):
    gone = []

    def flood(exchange: Exchange):
        exchange.body()
        exchange.send(b"HTTP/1.1 200 OK\r\ncontent-length: 1000000000\r\n\r\n")
        try:
            while True:
                exchange.send(b"x" * 100_000)
        finally:
            gone.append(True)
    path = origin.case(flood)
    with Connection(strict.listener(), receive_buffer=4096) as connection:
        connection.send(request(f"GET {path}"))
        until(lambda: gone, "the gateway gives up, and the origin's connection with it", 15)
    assert ask(strict.listener(), f"GET {origin.case()}").status == 200


def test_an_origin_that_stops_is_cut(strict, origin):
    def stall(exchange: Exchange):
        exchange.send(b"HTTP/1.1 200 OK\r\ncontent-length: 10\r\n\r\nhalf")
        exchange.wait_gone()
        exchange.close()
    with Connection(strict.listener()) as connection:
        connection.send(request(f"GET {origin.case(stall)}"))
        assert connection.read_head().status == 200
        assert ended(connection) == b"half"


def test_an_origin_that_never_answers_is_a_timeout(strict, origin):
    path = origin.case(lambda exchange: (exchange.wait_gone(), exchange.close()))
    assert ask(strict.listener(), f"GET {path}").status == 504


def test_a_slow_http2_head_is_cut(strict, origin):
    """A preface and nothing, and a header block that is never finished."""
    with Connection(strict.listener()) as connection:
        connection.send(http2.PREFACE)
        ended(connection)
    with http2.Client(strict.listener()) as client:
        client.send_frames(http2.raw_frame(1, 1, 1, b"\x82"))
        assert client.wait_closed()
    with http2.Client(strict.listener()) as client:
        assert client.ask(origin.case()).status == 200
        assert client.wait_closed(), "an idle connection of HTTP/2 stays"


def test_streams_of_http2_have_their_time_too(strict, origin):
    path = origin.case()
    with http2.Client(strict.listener()) as client:
        stream = client.open(path, method="POST", end=False)
        answer = client.answers[stream]
        until(lambda: client.closed or answer.reset is not None or answer.status or client.receive(), "an end of the stream")
        assert answer.status != 200


# ---- Sizes

def test_a_body_over_the_limit_is_refused(start, origin):
    gateway = start(configs.simple(origin.port, limits={"body_bytes": "10KiB"}))
    path = origin.case()
    response = ask(gateway.listener(), f"POST {path}\ncontent-length: 20000\nexpect: 100-continue")
    assert response.status == 413 and response.interim == []
    assert origin.seen(path) == []
    with Connection(gateway.listener()) as connection:
        connection.try_send(request(f"POST {path}\ntransfer-encoding: chunked") + b"1000\r\n" + b"x" * 4096 + b"\r\n")
        for _ in range(3):
            connection.try_send(b"1000\r\n" + b"x" * 4096 + b"\r\n")
        try:
            assert connection.read().status == 413
        except Closed:
            pass
    assert [each for each in origin.seen(path) if each.body] == []
    assert ask(gateway.listener(), f"POST {path}", b"x" * 10_000).status == 200


def test_limits_of_heads_can_be_changed(start, origin):
    gateway = start(configs.simple(origin.port, limits={"header_count": 5, "header_bytes": "2KiB", "uri_bytes": 512}))
    path = origin.case()
    assert ask(gateway.listener(), f"GET {path}\na: 1\nb: 2").status == 200
    assert ask(gateway.listener(), f"GET {path}\n" + "a: 1\n" * 6).status == 431
    assert ask(gateway.listener(), f"GET {path}\na: " + "1" * 2500).status == 431
    assert ask(gateway.listener(), f"GET {path}/" + "x" * 600).status == 414
    with http2.Client(gateway.listener()) as client:
        assert client.ask(path).status == 200
        assert client.ask(path, fields=[("a", "1")] * 6).status in (0, 431)


# ---- Many

def test_connections_over_the_limit_are_turned_away(start, origin):
    gateway = start(configs.simple(origin.port, limits={"connections": 10}))
    path = origin.case()
    kept = [Connection(gateway.listener()) for _ in range(10)]
    for connection in kept:
        assert connection.ask(f"GET {path}").status == 200
    with Connection(gateway.listener()) as extra:
        extra.try_send(request(f"GET {path}"))
        data = ended(extra)
        assert data == b"" or data.startswith(b"HTTP/1.1 503 ")
    assert kept[0].ask(f"GET {path}").status == 200
    for connection in kept:
        connection.close()
    until(lambda: served(gateway, path), "places are free again")


def served(gateway, path: str) -> bool:
    try:
        return ask(gateway.listener(), f"GET {path}").status == 200
    except (Closed, OSError):
        return False


@pytest.mark.skipif(SANITIZED, reason="a sanitizer's own files count against the limit")
def test_running_out_of_descriptors_neither_spins_nor_kills(start, origin):
    gateway = start(configs.simple(origin.port), descriptors=100)
    path = origin.case()
    assert ask(gateway.listener(), f"GET {path}").status == 200
    crowd = []
    for _ in range(200):
        try:
            crowd.append(Connection(gateway.listener(), seconds=2))
        except OSError:
            break
    before, begin = gateway.cpu_seconds(), time.monotonic()
    while time.monotonic() - begin < 1.5:  # The processor time of a fixed span.
        time.sleep(0.1)
    assert gateway.cpu_seconds() - before < 0.5, "it spins"
    gateway.check()
    for connection in crowd:
        connection.close()
    until(lambda: served(gateway, path), "it serves again")


def test_idle_connections_cost_little(start, origin):
    gateway = start(configs.simple(origin.port))
    path = origin.case()
    assert ask(gateway.listener(), f"GET {path}").status == 200
    before = gateway.resident_bytes()
    kept = [Connection(gateway.listener()) for _ in range(1000)]
    for connection in kept:
        assert connection.ask(f"GET {path}").status == 200
    if not SANITIZED:
        assert gateway.resident_bytes() - before < 12 << 20
    for connection in kept:
        connection.close()
    until(lambda: gateway.open_descriptors() < 100, "the descriptors are free")
