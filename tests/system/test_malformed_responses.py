# SPDX-License-Identifier: Apache-2.0
"""A hostile origin: an answer that breaks the rules becomes 502; one that breaks off, or breaks the rules later, never
looks complete to the client; bytes after an answer never reach another client. Beside each stands a control that is
passed on, through the same gateway."""
import pytest

from harness import http2
from harness.origin import Exchange, raw
from harness.raw import Closed, Connection, Malformed, ask

OK = b"HTTP/1.1 200 OK\r\n"
EMPTY = b"content-length: 0\r\n"
HELLO = b"content-length: 5\r\n\r\nhello"


def head(name: str, fields: bytes) -> tuple:
    return pytest.param(OK + fields + b"\r\nhello", id=f"field, {name}")


def first(name: str, line: bytes) -> tuple:
    return pytest.param(line + HELLO, id=f"line, {name}")


@pytest.mark.parametrize("then", ["keep", "close"])
@pytest.mark.parametrize("answer", [
    first("garbage", b"hello world, this is not HTTP\r\n"),
    first("no version", b"200 OK\r\n"),
    first("version 2.0", b"HTTP/2.0 200 OK\r\n"),
    first("version 0.9", b"HTTP/0.9 200 OK\r\n"),
    first("a version in lower case", b"http/1.1 200 OK\r\n"),
    first("two digits", b"HTTP/1.1 20 OK\r\n"),
    first("four digits", b"HTTP/1.1 2000 OK\r\n"),
    first("letters", b"HTTP/1.1 abc OK\r\n"),
    first("a sign", b"HTTP/1.1 +20 OK\r\n"),
    first("status 099", b"HTTP/1.1 099 OK\r\n"),
    first("status 600", b"HTTP/1.1 600 OK\r\n"),
    first("status 000", b"HTTP/1.1 000 OK\r\n"),
    first("two spaces", b"HTTP/1.1  200 OK\r\n"),
    first("a tab", b"HTTP/1.1\t200 OK\r\n"),
    first("a space before", b" HTTP/1.1 200 OK\r\n"),
    first("LF alone", b"HTTP/1.1 200 OK\n"),
    first("CR in the reason", b"HTTP/1.1 200 O\rK\r\n"),
    first("NUL in the reason", b"HTTP/1.1 200 O\0K\r\n"),
    head("a space before the colon", b"x : y\r\n" + EMPTY),
    head("a space before the colon of a length", b"content-length : 5\r\n"),
    head("folded", b"x: y\r\n z\r\n" + EMPTY),
    head("a folded coding", b"transfer-encoding:\r\n chunked\r\n"),
    head("a space before the first", b" x: y\r\n" + EMPTY),
    head("no colon", b"hello\r\n" + EMPTY),
    head("an empty name", b": y\r\n" + EMPTY),
    head("a space in the name", b"x y: z\r\n" + EMPTY),
    head("outside ASCII in the name", b"\xff: z\r\n" + EMPTY),
    head("NUL in the name", b"x\0: z\r\n" + EMPTY),
    head("NUL in the value", b"x: a\0b\r\n" + EMPTY),
    head("a control character in the value", b"x: a\x01b\r\n" + EMPTY),
    head("CR in the value", b"x: a\rb\r\n" + EMPTY),
    head("LF alone", b"x: a\n" + EMPTY),
    head("LF for the end", b"x: a\r\n" + EMPTY + b"\n"),
    head("too many", b"x: y\r\n" * 400 + EMPTY),
    head("too big", b"x: " + b"y" * 2_000_000 + b"\r\n" + EMPTY),
    head("two different lengths", b"content-length: 5\r\ncontent-length: 4\r\n"),
    head("a list of different lengths", b"content-length: 5, 4\r\n"),
    head("a negative length", b"content-length: -5\r\n"),
    head("a length with plus", b"content-length: +5\r\n"),
    head("a hexadecimal length", b"content-length: 0x5\r\n"),
    head("an empty length", b"content-length:\r\n"),
    head("a length of letters", b"content-length: five\r\n"),
    head("a length that is too big", b"content-length: 18446744073709551621\r\n"),
    head("a length and a coding", b"content-length: 5\r\ntransfer-encoding: chunked\r\n"),
    head("a coding and a length", b"transfer-encoding: chunked\r\ncontent-length: 5\r\n"),
    head("gzip", b"transfer-encoding: gzip\r\n"),
    head("gzip before chunked", b"transfer-encoding: gzip, chunked\r\n"),
    head("chunked before gzip", b"transfer-encoding: chunked, gzip\r\n"),
    head("chunked twice", b"transfer-encoding: chunked, chunked\r\n"),
    head("chunked in two fields", b"transfer-encoding: chunked\r\ntransfer-encoding: chunked\r\n"),
    head("an unknown coding", b"transfer-encoding: xchunked\r\n"),
    head("vertical tab before chunked", b"transfer-encoding: \x0bchunked\r\n"),
    pytest.param(b"HTTP/1.0 200 OK\r\ntransfer-encoding: chunked\r\n\r\n5\r\nhello\r\n0\r\n\r\n", id="a coding in HTTP/1.0"),
    pytest.param(b"HTTP/1.1 101 Switching\r\nupgrade: x\r\nconnection: upgrade\r\n\r\nhello", id="a switch nobody asked for"),
    pytest.param(b"HTTP/1.1 102 Processing\r\n\r\n" * 500 + OK + HELLO, id="interim answers without end"),
    pytest.param(b"\r\n\r\n\r\n", id="empty lines"),
    pytest.param(b"\0" * 100, id="NUL only"),
])
def test_a_malformed_head_is_a_bad_gateway(edge, origin, answer, then):
    path = origin.case(raw(answer, then=then))
    with Connection(edge) as connection:
        response = connection.ask(f"GET {path}")

        assert response.status == 502, response
        assert b"hello" not in response.body
        assert not response.get("x")
        # The control, on the same connection: an exchange that fails at the origin does not cost the client's connection.
        if not response.closes:
            assert connection.ask(f"GET {origin.case()}").status == 200
    assert ask(edge, f"GET {origin.case()}").status == 200


@pytest.mark.parametrize("answer", [
    pytest.param(b"", id="nothing"),
    pytest.param(b"HTTP/1.1 2", id="half a line"),
    pytest.param(OK, id="a line"),
    pytest.param(OK + b"x: y\r\n", id="half a head"),
    pytest.param(b"HTTP/1.1 103 Early Hints\r\nlink: </x>\r\n\r\n", id="an interim answer"),
])
@pytest.mark.parametrize("then", ["close", "reset"])
def test_an_answer_that_ends_in_its_head_is_a_bad_gateway(edge, origin, answer, then):
    path = origin.case(raw(answer, then=then))
    assert ask(edge, f"GET {path}").status in (502, 503)
    assert ask(edge, f"GET {origin.case()}").status == 200


CHUNKED = OK + b"transfer-encoding: chunked\r\n\r\n"
CUT = [
    pytest.param(OK + b"content-length: 10\r\n\r\nhello", "close", id="half a length"),
    pytest.param(OK + b"content-length: 10\r\n\r\nhello", "reset", id="half a length, reset"),
    pytest.param(OK + b"content-length: 10\r\n\r\n", "close", id="a length and nothing"),
    pytest.param(OK + b"content-length: 1000000\r\n\r\n" + b"x" * 500_000, "close", id="half of much"),
    pytest.param(CHUNKED, "close", id="no chunk"),
    pytest.param(CHUNKED + b"5\r\nhe", "close", id="half a chunk"),
    pytest.param(CHUNKED + b"5\r\nhello\r\n", "close", id="no last chunk"),
    pytest.param(CHUNKED + b"5\r\nhello\r\n", "reset", id="no last chunk, reset"),
    pytest.param(CHUNKED + b"5\r\nhello\r\n0\r\n", "close", id="no last line"),
    pytest.param(CHUNKED + b"5\r\nhello\r\n0\r\nx: y\r\n", "close", id="half the trailers"),
    pytest.param(CHUNKED + b"5\r\nhello\r\ng\r\n", "close", id="a size that is no number"),
    pytest.param(CHUNKED + b"5\r\nhello\r\n-1\r\n", "close", id="a negative size"),
    pytest.param(CHUNKED + b"5\r\nhello\r\n 0\r\n\r\n", "close", id="a space before the size"),
    pytest.param(CHUNKED + b"5\r\nhello\r\n0x0\r\n\r\n", "close", id="a size with 0x"),
    pytest.param(CHUNKED + b"5\r\nhello\r\nfffffffffffffffff\r\n", "close", id="a size that is too big"),
    pytest.param(CHUNKED + b"5\nhello\n0\n\n", "close", id="LF alone"),
    pytest.param(CHUNKED + b"5\r\nhelloworld\r\n0\r\n\r\n", "close", id="more data than the size"),
    pytest.param(CHUNKED + b"5\r\nhello\r\n0\r\nx : y\r\n\r\n", "close", id="a bad trailer"),
    pytest.param(CHUNKED + b"5\r\nhello\r\n0\r\nx: \0\r\n\r\n", "close", id="NUL in a trailer"),
]


@pytest.mark.parametrize("answer, then", CUT)
def test_an_answer_that_breaks_off_is_never_whole_over_http1(edge, origin, answer, then):
    path = origin.case(raw(answer, then=then))
    with Connection(edge) as connection:
        connection.send(f"GET {path} HTTP/1.1\r\nhost: a\r\n\r\n".encode())
        try:
            response = connection.read()
        except (Closed, Malformed):
            response = None  # The client can tell: the connection ended inside the body.
    # Where nothing had gone to the client yet, an error is as honest.
    assert response is None or response.status == 502, response
    assert ask(edge, f"GET {origin.case()}").status == 200


@pytest.mark.parametrize("answer, then", CUT)
def test_an_answer_that_breaks_off_is_never_whole_over_http2(edge, origin, answer, then):
    path = origin.case(raw(answer, then=then))
    with http2.Client(edge) as client:
        answer = client.ask(path)
        assert answer.reset is not None or answer.status == 502
        assert client.ask(origin.case()).status == 200


@pytest.mark.parametrize("method, answer", [
    pytest.param("GET", OK + HELLO + OK + b"content-length: 8\r\n\r\nsmuggled", id="after a length"),
    pytest.param("GET", CHUNKED + b"5\r\nhello\r\n0\r\n\r\n" + OK + b"content-length: 8\r\n\r\nsmuggled", id="after chunks"),
    pytest.param("GET", b"HTTP/1.1 204 No\r\n\r\n" + OK + b"content-length: 8\r\n\r\nsmuggled", id="after 204"),
    pytest.param("GET", b"HTTP/1.1 304 No\r\n\r\n" + OK + b"content-length: 8\r\n\r\nsmuggled", id="after 304"),
    pytest.param("GET", b"HTTP/1.1 204 No\r\ncontent-length: 5\r\n\r\nhello", id="204 with a body"),
    pytest.param("GET", b"HTTP/1.1 304 No\r\ncontent-length: 5\r\n\r\nhello", id="304 with a body"),
    pytest.param("HEAD", OK + HELLO, id="HEAD with a body"),
    pytest.param("HEAD", CHUNKED + b"5\r\nhello\r\n0\r\n\r\n", id="HEAD with chunks"),
    pytest.param("GET", OK + HELLO + b"garbage", id="garbage after a length"),
])
def test_bytes_after_an_answer_reach_nobody(edge, origin, method, answer):
    path = origin.case(raw(answer))
    for _ in range(3):
        with Connection(edge) as connection:
            response = connection.ask(f"{method} {path}")
            assert response.status in (200, 204, 304), response
            assert b"smuggled" not in response.body
            assert connection.is_quiet(0.02) or connection.ended
            for _ in range(3):  # The control: others get what is theirs.
                with Connection(edge) as other:
                    mine = origin.case()
                    answer = other.ask(f"GET {mine}")
                    assert answer.status == 200 and mine in answer.text()


def test_an_answer_before_the_request_is_not_an_answer(edge, origin):
    """An origin that speaks before it is asked: the bytes lie in wait on a pooled connection."""
    def poison(exchange: Exchange):
        exchange.body()
        # At once: bytes that come when the next request is on its way already look like its answer to everybody.
        exchange.send(OK + b"content-length: 4\r\n\r\nmine" + OK + b"content-length: 8\r\n\r\npoisoned")
    path = origin.case(poison)
    for _ in range(5):
        assert ask(edge, f"GET {path}").body == b"mine"
        other = origin.case()
        assert other in ask(edge, f"GET {other}").text()


def control(name: str, answer: bytes, *, status: int = 200, body: bytes = b"hello", then: str = "keep") -> tuple:
    return pytest.param(answer, status, body, then, id=name)


@pytest.mark.parametrize("answer, status, body, then", [
    control("a length", OK + HELLO),
    control("chunks", CHUNKED + b"2\r\nhe\r\n3\r\nllo\r\n0\r\n\r\n"),
    control("chunks with extensions", CHUNKED + b"5;a=b\r\nhello\r\n0;c\r\n\r\n"),
    control("sizes in capitals", CHUNKED + b"00A\r\nhellohello\r\n0\r\n\r\n", body=b"hellohello"),
    control("until the end", OK + b"\r\nhello", then="close"),
    control("HTTP/1.0", b"HTTP/1.0 200 OK\r\n\r\nhello", then="close"),
    control("HTTP/1.0 with a length", b"HTTP/1.0 200 OK\r\n" + HELLO, then="close"),
    control("no reason", b"HTTP/1.1 200 \r\n" + HELLO),
    control("not even the space for it", b"HTTP/1.1 200\r\n" + HELLO),
    control("an unknown status", b"HTTP/1.1 299 What\r\n" + HELLO, status=299),
    control("the greatest status", b"HTTP/1.1 599 What\r\n" + HELLO, status=599),
    control("bytes above 127 in a value", OK + b"x: caf\xe9\r\n" + HELLO),
    control("no content", b"HTTP/1.1 204 No\r\n\r\n", status=204, body=b""),
    control("not modified", b"HTTP/1.1 304 No\r\netag: x\r\n\r\n", status=304, body=b""),
    control("early hints", b"HTTP/1.1 103 Early\r\nlink: </x>\r\n\r\n" + OK + HELLO),
    control("many fields", OK + b"x: y\r\n" * 90 + HELLO),
    control("a head of 30 KiB", OK + b"z: " + b"y" * 30_000 + b"\r\n" + HELLO),
])
def test_a_good_answer_is_passed_on(edge, origin, answer, status, body, then):
    path = origin.case(raw(answer, then=then))
    response = ask(edge, f"GET {path}")
    assert (response.status, response.body) == (status, body)
