# SPDX-License-Identifier: Apache-2.0
"""HTTP/1.1 as it is meant to be: connections kept, pipelines answered in order, bodies framed either way, interim answers,
upgrades."""
import json
import threading

import pytest

from harness.origin import Exchange, fixed, raw
from harness.raw import Connection, ask, chunked, request
from harness.until import until


def test_a_connection_is_kept(edge, origin):
    path = origin.case()
    with Connection(edge) as connection:
        for number in range(20):
            response = connection.ask(f"POST {path}", b"body %d" % number)
            assert response.status == 200 and not response.closes
    assert [each.body for each in origin.seen(path)] == [b"body %d" % number for number in range(20)]


def test_connections_to_the_origin_are_kept(edge, origin):
    path = origin.case()
    for _ in range(20):
        ask(edge, f"GET {path}")
    # Two workers have a pool each; other tests have left connections to both.
    assert len({each.connection for each in origin.seen(path)}) <= 8


def test_connection_close_is_kept_to(edge, origin):
    path = origin.case()
    with Connection(edge) as connection:
        response = connection.ask(f"GET {path}\nconnection: close")
        assert response.status == 200 and response.closes
        assert connection.is_closed()
    assert origin.seen(path)[0].get("connection") is None


def test_http10_closes_unless_it_asks(edge, origin):
    path = origin.case()
    with Connection(edge) as connection:
        assert connection.ask(f"GET {path} HTTP/1.0").status == 200
        assert connection.is_closed()
    with Connection(edge) as connection:
        assert connection.ask(f"GET {path} HTTP/1.0\nconnection: keep-alive").get("connection").lower() == "keep-alive"
        assert connection.ask(f"GET {path} HTTP/1.0").status == 200


def test_http10_gets_no_chunks(edge, origin):
    path = origin.case(raw(b"HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n" + chunked(b"hel", b"lo")))
    response = ask(edge, f"GET {path} HTTP/1.0\nconnection: keep-alive")
    assert (response.framing, response.body) == ("close", b"hello")
    assert ask(edge, f"GET {path}").framing == "chunked"


def test_a_pipeline_is_answered_in_order(edge, origin):
    gate = threading.Event()

    def slow(exchange: Exchange):
        gate.wait(10)
        exchange.answer(200, b"slow")
    first, then = origin.case(slow), origin.case()
    with Connection(edge) as connection:
        connection.send(request(f"GET {first}") + b"".join(request(f"GET {then}?{n}") for n in range(10)))
        gate.set()
        assert connection.read().body == b"slow"
        assert [json.loads(connection.read().body)["target"] for _ in range(10)] == [f"{then}?{n}" for n in range(10)]


def test_a_pipeline_of_bodies_stays_apart(edge, origin):
    path = origin.case()
    bodies = [b"GET /no HTTP/1.1\r\n\r\n", b"", b"x" * 100_000, b"last"]
    with Connection(edge) as connection:
        for body in bodies:
            connection.send(request(f"POST {path}\ntransfer-encoding: chunked", chunked(*([body] if body else []))))
            connection.send(request(f"POST {path}\ncontent-length: {len(body)}", body))
        for body in bodies:
            for _ in range(2):
                assert connection.read().status == 200
    assert [each.body for each in origin.seen(path)] == [body for body in bodies for _ in range(2)]


def test_close_within_a_pipeline_ends_it(edge, origin):
    path = origin.case()
    with Connection(edge) as connection:
        connection.try_send(request(f"GET {path}?1\nconnection: close") + request(f"GET {path}?2"))
        assert connection.read().closes
        assert connection.is_closed()
    assert [each.target for each in origin.seen(path)] == [f"{path}?1"]


@pytest.mark.parametrize("size", [0, 1, 1000, 65_536, 3_000_000])
def test_bodies_of_a_length_pass_both_ways(edge, origin, size):
    body = bytes(range(256)) * (size // 256 + 1)
    body = body[:size]

    def mirror(exchange: Exchange):
        exchange.answer(200, exchange.body())
    path = origin.case(mirror)
    response = ask(edge, f"POST {path}\ncontent-length: {size}", body)
    assert response.body == body
    assert response.get("content-length") == str(size)
    assert origin.seen(path)[0].get("content-length") == str(size)
    assert origin.seen(path)[0].all("transfer-encoding") == []


def test_chunks_pass_both_ways_with_trailers(edge, origin):
    def answer(exchange: Exchange):
        exchange.body()
        exchange.send(b"HTTP/1.1 200 OK\r\ntrailer: x-sum\r\ntransfer-encoding: chunked\r\n\r\n"
                      + chunked(b"hello, ", b"client", trailers=b"x-sum: 13\r\nx-more: yes\r\n"))
    path = origin.case(answer)
    response = ask(edge, f"POST {path}\ntransfer-encoding: chunked\nte: trailers\ntrailer: x-check",
                   chunked(b"hello, ", b"origin", trailers=b"X-Check: 42\r\n"))
    assert (response.framing, response.body) == ("chunked", b"hello, client")
    assert response.trailers == [("x-sum", "13"), ("x-more", "yes")]
    seen = origin.seen(path)[0]
    assert (seen.body, seen.trailers) == (b"hello, origin", [("x-check", "42")])


def test_trailers_that_would_change_the_message_are_left_out(edge, origin):
    path = origin.case()
    ask(edge, f"POST {path}\ntransfer-encoding: chunked",
        chunked(b"x", trailers=b"content-length: 5\r\ntransfer-encoding: chunked\r\nhost: evil\r\nauthorization: x\r\nx-fine: 1\r\n"))
    assert origin.seen(path)[0].trailers == [("x-fine", "1")]


def test_extensions_of_chunks_are_not_passed_on(edge, origin):
    path = origin.case()
    ask(edge, f"POST {path}\ntransfer-encoding: chunked", b"5;evil=1\r\nhello\r\n0;evil\r\n\r\n")
    assert origin.seen(path)[0].body == b"hello"  # The origin's reader takes plain sizes only.


def test_an_answer_until_the_end_becomes_chunks(edge, origin):
    path = origin.case(raw(b"HTTP/1.1 200 OK\r\n\r\nhello", then="close"))
    with Connection(edge) as connection:
        response = connection.ask(f"GET {path}")
        assert (response.framing, response.body) == ("chunked", b"hello")
        assert connection.ask(f"GET {origin.case()}").status == 200


@pytest.mark.parametrize("answer, length", [
    (b"HTTP/1.1 200 OK\r\ncontent-length: 5\r\n\r\n", "5"),
    (b"HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n", None),
])
def test_head_has_no_body_and_the_connection_goes_on(edge, origin, answer, length):
    path = origin.case(raw(answer))
    with Connection(edge) as connection:
        response = connection.ask(f"HEAD {path}")
        assert (response.status, response.get("content-length")) == (200, length)
        assert connection.ask(f"HEAD {path}").status == 200
        assert connection.ask(f"GET {origin.case()}").status == 200
    assert [each.method for each in origin.seen(path)] == ["HEAD", "HEAD"]


# ---- Expect: 100-continue

def test_a_client_that_waits_is_told_to_continue(edge, origin):
    path = origin.case()
    with Connection(edge) as connection:
        connection.send(request(f"POST {path}\nexpect: 100-continue\ncontent-length: 5"))
        assert connection.read_head().status == 100
        connection.send(b"hello")
        assert connection.read().status == 200
        assert connection.ask(f"GET {path}").status == 200
    assert origin.seen(path)[0].body == b"hello"


def test_a_client_that_does_not_wait_is_served_too(edge, origin):
    path = origin.case()
    with Connection(edge) as connection:
        connection.send(request(f"POST {path}\nexpect: 100-continue", b"hello"))
        assert connection.read().status == 200
        assert connection.ask(f"GET {path}").status == 200


def test_a_refusal_comes_without_continue(edge, origin):
    """An answer that needs no body: the client keeps its body, and what follows is not taken for one."""
    path = origin.case(lambda exchange: (exchange.answer(413, b"no", [("connection", "close")]), exchange.close()))
    with Connection(edge) as connection:
        connection.send(request(f"POST {path}\nexpect: 100-continue\ncontent-length: 1000000"))
        head = connection.read_head()
        assert head.status in (100, 413)


# ---- Interim answers

def test_interim_answers_pass(edge, origin):
    path = origin.case(raw(b"HTTP/1.1 103 Early Hints\r\nlink: </a>\r\n\r\nHTTP/1.1 103 Early Hints\r\nlink: </b>\r\n\r\n"
                           b"HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\nok"))
    response = ask(edge, f"GET {path}")
    assert response.body == b"ok"
    assert [(each.status, each.get("link")) for each in response.interim] == [(103, "</a>"), (103, "</b>")]


def test_interim_answers_are_kept_from_http10(edge, origin):
    path = origin.case(raw(b"HTTP/1.1 103 Early Hints\r\n\r\nHTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\nok"))
    response = ask(edge, f"GET {path} HTTP/1.0")
    assert (response.status, response.interim) == (200, [])


# ---- Targets

def test_an_absolute_target_names_the_host(edge, origin):
    path = origin.case()
    assert ask(edge, f"GET http://real.example{path}?q=1\nhost: other.example").status == 200
    seen = origin.seen(path)[0]
    assert (seen.target, seen.get("host")) == (f"{path}?q=1", "real.example")


def test_targets_pass_unchanged(edge, origin):
    path = origin.case()
    for target in (f"{path}/a%2Fb", f"{path}/a//b", f"{path}/%41", f"{path}/x?", f"{path}/x?a=1&&b=%20+", f"{path}/;p=1,2"):
        assert ask(edge, f"GET {target}").status == 200
        assert origin.seen(path)[-1].target == target


def test_options_for_the_whole_server(edge, origin):
    before = len(origin.seen("*"))
    assert ask(edge, "OPTIONS *").status in (200, 404)
    assert len(origin.seen("*")) - before in (0, 1)


# ---- Upgrade

def websocket(exchange: Exchange):
    """Accepts, then sends back what comes until the client ends."""
    exchange.send(b"HTTP/1.1 101 Switching Protocols\r\nupgrade: websocket\r\nconnection: upgrade\r\n"
                  b"sec-websocket-accept: s3pPLMBiTxaQ9kYGzzhZRbK+xOo=\r\n\r\nfirst")
    while data := exchange.stream.socket.recv(4096):
        exchange.send(data.upper())
    exchange.close()


UPGRADE = ("connection: Upgrade\nupgrade: websocket\nsec-websocket-version: 13\n"
           "sec-websocket-key: dGhlIHNhbXBsZSBub25jZQ==")


def test_an_upgrade_is_passed_through(edge, origin):
    path = origin.case(websocket)
    with Connection(edge) as connection:
        connection.send(request(f"GET {path}\n{UPGRADE}") + b"early")
        head = connection.read_head()
        assert (head.status, head.get("upgrade").lower(), head.get("connection").lower()) == (101, "websocket", "upgrade")
        assert head.get("sec-websocket-accept")
        assert connection.take(10) == b"firstEARLY"
        for piece in (b"a", b"b" * 100_000, b"GET / HTTP/1.1\r\n\r\n"):
            connection.send(piece)
            assert connection.take(len(piece)) == piece.upper()
        connection.shut_down()
        assert connection.is_closed()
    seen = origin.seen(path)[0]
    assert (seen.get("upgrade"), seen.get("connection").lower()) == ("websocket", "upgrade")


def test_an_upgrade_that_the_origin_refuses_is_a_plain_exchange(edge, origin):
    path = origin.case(fixed(b"no websocket here", 426))
    with Connection(edge) as connection:
        assert connection.ask(f"GET {path}\n{UPGRADE}").status == 426
        assert connection.ask(f"GET {origin.case()}").status == 200


def test_a_tunnel_ends_when_the_client_vanishes(edge, origin):
    gone = threading.Event()

    def tunnel(exchange: Exchange):
        exchange.send(b"HTTP/1.1 101 Switching Protocols\r\nupgrade: x\r\nconnection: upgrade\r\n\r\n")
        if exchange.wait_gone():
            gone.set()
        exchange.close()
    path = origin.case(tunnel)
    with Connection(edge) as connection:
        connection.send(request(f"GET {path}\nconnection: upgrade\nupgrade: x"))
        assert connection.read_head().status == 101
        connection.reset()
    until(gone.is_set, "the origin's side of the tunnel ends")


@pytest.mark.parametrize("upgrade", ["h2c", "H2C", "h2c, websocket", "websocket, h2c"])
def test_an_upgrade_to_h2c_is_ignored_and_not_passed_on(edge, origin, upgrade):
    path = origin.case()
    response = ask(edge, f"GET {path}\nconnection: Upgrade, HTTP2-Settings\nupgrade: {upgrade}\n"
                         "http2-settings: AAMAAABkAAQCAAAAAAIAAAAA")
    assert response.status == 200 and response.get("upgrade") is None
    seen = origin.seen(path)[0]
    assert "h2c" not in (seen.get("upgrade") or "").lower()
    assert seen.all("http2-settings") == []


def test_an_upgrade_that_connection_does_not_name_is_none(edge, origin):
    path = origin.case()
    ask(edge, f"GET {path}\nupgrade: websocket")
    assert origin.seen(path)[0].all("upgrade") == []
    # The control.
    ask(edge, f"GET {path}\nconnection: upgrade\nupgrade: websocket")
    assert origin.seen(path)[1].all("upgrade") == ["websocket"]
