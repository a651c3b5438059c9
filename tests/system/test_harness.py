# SPDX-License-Identifier: Apache-2.0
"""The harness itself: without a gateway between, client and origin understand each other, and the client notices what it
is there to notice."""
import pytest

from harness import http2
from harness.load import Load
from harness.origin import Origin, raw
from harness.raw import Closed, Connection, Malformed, ask, chunked, parse_head, request


def test_client_and_origin_understand_each_other(origin):
    address = ("127.0.0.1", origin.port)
    path = origin.case()
    with Connection(address) as connection:
        assert connection.ask(f"POST {path}", b"hello").status == 200
        connection.send(request(f"POST {path}\ntransfer-encoding: chunked", chunked(b"a", b"b", trailers=b"x: 1\r\n")))
        assert connection.read().status == 200
    assert [each.body for each in origin.seen(path)] == [b"hello", b"ab"]
    assert origin.seen(path)[1].trailers == [("x", "1")]


def test_http2_client_and_origin_understand_each_other():
    with http2.Origin() as origin, http2.Client(("127.0.0.1", origin.port)) as client:
        assert client.ask("/", method="POST", body=b"x" * 100_000).body == b"over h2: " + b"x" * 100_000


@pytest.mark.parametrize("answer, error", [
    (b"HTTP/1.1 200 OK\r\ncontent-length: 10\r\n\r\nhalf", Closed),
    (b"HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n5\r\nhello\r\n", Closed),
    (b"HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n5\r\nhello\r\n0\r\n", Closed),
    (b"HTTP/1.1 200 OK\r\ncontent-length: 1\r\ntransfer-encoding: chunked\r\n\r\n", Malformed),
    (b"HTTP/1.1 200 OK\r\nx : y\r\n\r\n", Malformed),
    (b"garbage\r\n\r\n", Malformed),
])
def test_the_client_notices_what_is_wrong(origin, answer, error):
    path = origin.case(raw(answer, then="close"))
    with pytest.raises(error):
        ask(("127.0.0.1", origin.port), f"GET {path}")


def test_the_client_knows_a_bare_line_end():
    with pytest.raises(Malformed):
        parse_head(b"HTTP/1.1 200 OK\r\nx: a\nb: c")


def test_load_counts_what_fails():
    with Origin(default=raw(b"HTTP/1.1 500 No\r\ncontent-length: 0\r\n\r\n")) as bad:
        with Load(("127.0.0.1", bad.port)) as load:
            pass
    assert load.failures and load.answered == 0


def test_a_stopped_origin_starts_again(origin):
    with Origin() as own:
        address = ("127.0.0.1", own.port)
        assert ask(address, "GET /").status == 200
        own.stop()
        with pytest.raises((Closed, OSError)):
            ask(address, "GET /")
        own.start()
        assert ask(address, "GET /").status == 200
    assert origin.port != own.port
