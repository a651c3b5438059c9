# SPDX-License-Identifier: Apache-2.0
"""A hostile client: what is not clearly one request is refused with the right status, the connection ends, and nothing of
it reaches the origin. Each vector is sent whole and in pieces; each is followed by a request that shows the gateway alive,
and each family has controls that are passed on.

In a vector `@` stands for the path; `@/smuggled` is a path that no refusal may let through.
"""
from typing import NamedTuple

import pytest

from harness.raw import Closed, Connection, ask, chunked


class Vector(NamedTuple):
    name: str
    status: tuple[int, ...]  # 0: the connection ends without an answer, which who speaks another protocol would misread.
    data: bytes


POST = b"POST @ HTTP/1.1\r\nhost: a\r\n"
GET = b"GET @ HTTP/1.1\r\nhost: a\r\n"
NEXT = b"GET @/smuggled HTTP/1.1\r\nhost: a\r\n\r\n"


def line(name: str, data: bytes, *status: int) -> Vector:
    """Another request line."""
    return Vector(f"line, {name}", status or (400,), data + b"\r\nhost: a\r\n\r\n")


def target(name: str, text: bytes, *status: int) -> Vector:
    return Vector(f"target, {name}", status or (400,), b"GET " + text + b" HTTP/1.1\r\nhost: a\r\n\r\n")


def field(name: str, text: bytes, *status: int) -> Vector:
    """A request with one more field line, which brings its own line end."""
    return Vector(f"field, {name}", status or (400,), GET + text + b"\r\n" + NEXT)


def host(name: str, text: bytes, *status: int) -> Vector:
    return Vector(f"host, {name}", status or (400,), b"GET @ HTTP/1.1\r\n" + text + b"\r\n")


def length(name: str, value: bytes, *status: int) -> Vector:
    return Vector(f"length, {name}", status or (400,), POST + b"content-length: " + value + b"\r\n\r\nhello" + NEXT)


def coding(name: str, text: bytes, *status: int) -> Vector:
    """Fields that frame a body which is chunked, and nothing in it, so that a reader by another rule goes on with NEXT."""
    return Vector(f"coding, {name}", status or (400,), POST + text + b"\r\n0\r\n\r\n" + NEXT)


def chunk(name: str, body: bytes, *status: int) -> Vector:
    return Vector(f"chunk, {name}", status or (400,), POST + b"transfer-encoding: chunked\r\n\r\n" + body + NEXT)


REFUSED = [
    line("LF alone", b"GET @ HTTP/1.1\nx: y"),
    line("CR alone", b"GET @\rHTTP/1.1"),
    line("CR before its end", b"GET @ HTTP/1.1\r"),
    line("a space before it", b" GET @ HTTP/1.1"),
    line("two spaces before the target", b"GET  @ HTTP/1.1"),
    line("two spaces before the version", b"GET @  HTTP/1.1"),
    line("a space after it", b"GET @ HTTP/1.1 "),
    line("tabs", b"GET\t@\tHTTP/1.1"),
    line("vertical tabs", b"GET\x0b@\x0bHTTP/1.1"),
    line("no version", b"GET @"),
    line("no target", b"GET HTTP/1.1"),
    line("an empty target", b"GET  HTTP/1.1"),
    line("four words", b"GET @ @/smuggled HTTP/1.1"),
    line("version 2.0", b"GET @ HTTP/2.0", 505),
    line("version 0.9", b"GET @ HTTP/0.9", 505),
    line("version 1.2", b"GET @ HTTP/1.2", 505),
    line("version 3.1", b"GET @ HTTP/3.1", 505),
    line("a version in lower case", b"GET @ http/1.1", 0, 400),
    line("a version of one digit", b"GET @ HTTP/1"),
    line("a version of three digits", b"GET @ HTTP/1.10"),
    line("a version with a zero before", b"GET @ HTTP/01.1"),
    line("a version with a sign", b"GET @ HTTP/+1.1"),
    line("another protocol", b"GET @ HTCPCP/1.0", 0, 400),
    line("an empty method", b" @ HTTP/1.1"),
    line("a method with an at sign", b"G@T / HTTP/1.1"),
    line("a method with a parenthesis", b"GE(T @ HTTP/1.1"),
    line("a method with NUL", b"GE\0T @ HTTP/1.1"),
    line("a method outside ASCII", b"G\xc3\x89T @ HTTP/1.1"),
    line("a method that is too long", b"A" * 64 + b" @ HTTP/1.1", 400, 501),
    line("CONNECT to an authority", b"CONNECT a:443 HTTP/1.1", 400, 405, 501),
    line("CONNECT to a path", b"CONNECT @ HTTP/1.1", 400, 405, 501),

    target("no slash", b"x@"),
    target("an asterisk for GET", b"*"),
    target("an authority for GET", b"a:80"),
    target("a fragment", b"@#part"),
    target("a control character", b"@\x01"),
    target("NUL", b"@\0"),
    target("DEL", b"@\x7f"),
    target("outside ASCII", b"@\xc3\xa9"),
    target("a broken escape", b"@%zz"),
    target("half an escape", b"@%2"),
    target("a quotation mark", b'@"'),
    target("angle brackets", b"@<x>"),
    target("a backslash", b"@\\x"),
    target("another scheme", b"ftp://a@"),
    target("a scheme and no host", b"http://@"),
    target("user information", b"http://user:word@a/x"),
    target("a port that is no number", b"http://a:b/x"),
    target("over the limit", b"@" + b"x" * 20_000, 414),

    field("a space before the colon", b"x : y\r\n"),
    field("a tab before the colon", b"x\t: y\r\n"),
    field("a space before the colon of a length", b"content-length : 5\r\n"),
    field("a space before the colon of a coding", b"transfer-encoding : chunked\r\n"),
    field("folded", b"x: y\r\n z: 1\r\n"),
    field("folded with a tab", b"x: y\r\n\tz\r\n"),
    field("a folded length", b"content-length:\r\n 5\r\n"),
    field("a folded coding", b"transfer-encoding:\r\n chunked\r\n"),
    field("no colon", b"hello\r\n"),
    field("an empty name", b": y\r\n"),
    field("a space in the name", b"x y: z\r\n"),
    field("NUL in the name", b"x\0y: z\r\n"),
    field("a control character in the name", b"x\x01: z\r\n"),
    field("outside ASCII in the name", b"x\xff: z\r\n"),
    field("a parenthesis in the name", b"x(: z\r\n"),
    field("a bracket in the name", b"x[0]: z\r\n"),
    field("a slash in the name", b"x/y: z\r\n"),
    field("NUL in the value", b"x: a\0b\r\n"),
    field("a control character in the value", b"x: a\x01b\r\n"),
    field("DEL in the value", b"x: a\x7fb\r\n"),
    field("escape in the value", b"x: \x1b[31m\r\n"),
    field("vertical tab in the value", b"x: a\x0bb\r\n"),
    field("CR in the value", b"x: a\rb: c\r\n"),
    field("CR at the end of the value", b"x: a\r\r\n"),
    field("LF alone", b"x: a\n"),
    field("LF alone before another field", b"x: a\ny: b\r\n"),
    field("a coding behind LF alone", b"x: a\ntransfer-encoding: chunked\r\n"),
    field("two LF for the end", b"x: a\n\n" + NEXT),
    field("CR alone for the end", b"x: a\r\r" + NEXT),
    field("an unknown expectation", b"expect: 200-ok\r\n", 417),
    field("too many", b"x: y\r\n" * 101, 431),
    field("too big", b"x: " + b"y" * 70_000 + b"\r\n", 431),
    field("too big together", b"".join(b"x%d: %s\r\n" % (i, b"y" * 1000) for i in range(90)), 431),
    Vector("field, a space before the first", (400,), b"GET @ HTTP/1.1\r\n host: a\r\n\r\n"),
    Vector("field, a tab before the first", (400,), b"GET @ HTTP/1.1\r\n\tx: y\r\nhost: a\r\n\r\n"),
    Vector("field, LF alone after the line", (400,), b"GET @ HTTP/1.1\nhost: a\n\n"),

    host("missing", b""),
    host("twice, the same", b"host: a\r\nhost: a\r\n"),
    host("twice, different", b"host: a\r\nhost: b\r\n"),
    host("twice, in other case", b"host: a\r\nHOST: b\r\n"),
    host("empty", b"host:\r\n"),
    host("with a space", b"host: a b\r\n"),
    host("with a comma", b"host: a, b\r\n"),
    host("with a path", b"host: a/x\r\n"),
    host("with a query", b"host: a?x\r\n"),
    host("with user information", b"host: user@a\r\n"),
    host("with a port that is no number", b"host: a:b\r\n"),
    host("with a port that is too big", b"host: a:99999\r\n"),
    host("with NUL", b"host: a\0b\r\n"),
    host("with half a bracket", b"host: [::1\r\n"),
    host("with letters in brackets", b"host: [zz]\r\n"),
    Vector("host, missing beside an absolute target", (400,), b"GET http://a@ HTTP/1.1\r\n\r\n"),

    length("with plus", b"+5"),
    length("with minus", b"-5"),
    length("of zero with minus", b"-0"),
    length("a list of two", b"5, 5"),
    length("a list of different ones", b"5, 6"),
    length("a list with a comma only", b"5,"),
    length("two words", b"5 5"),
    length("hexadecimal", b"0x5"),
    length("with a fraction", b"5.0"),
    length("with an exponent", b"5e0"),
    length("empty", b""),
    length("with letters", b"5abc"),
    length("with quotation marks", b'"5"'),
    length("with an underscore", b"1_0"),
    length("of other digits", "٥".encode()),
    length("with vertical tab", b"\x0b5"),
    length("with NUL", b"5\0"),
    length("with a semicolon", b"5;"),
    length("of 2 to the 63rd", b"9223372036854775808"),
    length("of 2 to the 64th and five", b"18446744073709551621"),
    length("of forty digits", b"1" * 40),
    length("twice, the same", b"5\r\ncontent-length: 5"),
    length("twice, different", b"5\r\ncontent-length: 0"),
    length("twice, in other case", b"5\r\nCONTENT-LENGTH: 6"),
    length("over the body's limit", b"9223372036854775807", 413),

    coding("and a length", b"transfer-encoding: chunked\r\ncontent-length: 5\r\n"),
    coding("after a length", b"content-length: 5\r\ntransfer-encoding: chunked\r\n"),
    coding("and a length of zero", b"content-length: 0\r\ntransfer-encoding: chunked\r\n"),
    coding("chunked twice in a list", b"transfer-encoding: chunked, chunked\r\n"),
    coding("chunked twice in two fields", b"transfer-encoding: chunked\r\ntransfer-encoding: chunked\r\n"),
    coding("chunked, then identity", b"transfer-encoding: chunked\r\ntransfer-encoding: identity\r\n", 400, 501),
    coding("chunked, then unknown", b"transfer-encoding: chunked\r\ntransfer-encoding: x\r\n", 400, 501),
    coding("identity", b"transfer-encoding: identity\r\n", 400, 501),
    coding("identity and a length", b"transfer-encoding: identity\r\ncontent-length: 5\r\n", 400, 501),
    coding("gzip", b"transfer-encoding: gzip\r\n", 400, 501),
    coding("gzip before chunked", b"transfer-encoding: gzip, chunked\r\n", 400, 501),
    coding("gzip after chunked", b"transfer-encoding: chunked, gzip\r\n", 400, 501),
    coding("a longer word", b"transfer-encoding: xchunked\r\n", 400, 501),
    coding("a word with a letter behind", b"transfer-encoding: chunkedx\r\n", 400, 501),
    coding("with a parameter", b"transfer-encoding: chunked;q=1\r\n", 400, 501),
    coding("in quotation marks", b'transfer-encoding: "chunked"\r\n', 400, 501),
    coding("with a space inside", b"transfer-encoding: chun ked\r\n", 400, 501),
    coding("with vertical tab before", b"transfer-encoding: \x0bchunked\r\n"),
    coding("with form feed behind", b"transfer-encoding: chunked\x0c\r\n"),
    coding("with NUL behind", b"transfer-encoding: chunked\0\r\n"),
    coding("with CR behind", b"transfer-encoding: chunked\r\r\n"),
    coding("with a byte above 127", b"transfer-encoding: \xa0chunked\r\n", 400, 501),
    coding("empty", b"transfer-encoding:\r\n"),
    coding("a comma", b"transfer-encoding: ,\r\n"),
    coding("behind LF", b"transfer-encoding:\nchunked\r\n"),
    coding("folded", b"transfer-encoding:\r\n\tchunked\r\n"),
    coding("folded behind it", b"transfer-encoding: chunked\r\n identity\r\n"),
    coding("with a space before the colon", b"transfer-encoding : chunked\r\ncontent-length: 5\r\n"),
    Vector("coding, in HTTP/1.0", (400,), b"POST @ HTTP/1.0\r\nhost: a\r\ntransfer-encoding: chunked\r\n\r\n0\r\n\r\n" + NEXT),

    chunk("a size with 0x", b"0x5\r\nhello\r\n0\r\n\r\n"),
    chunk("a size with plus", b"+5\r\nhello\r\n0\r\n\r\n"),
    chunk("a size with minus", b"-5\r\nhello\r\n0\r\n\r\n"),
    chunk("a space before the size", b" 5\r\nhello\r\n0\r\n\r\n"),
    chunk("a space after the size", b"5 \r\nhello\r\n0\r\n\r\n"),
    chunk("a tab after the size", b"5\t\r\nhello\r\n0\r\n\r\n"),
    chunk("a size with an underscore", b"1_0\r\nhello\r\n0\r\n\r\n"),
    chunk("a letter that is no digit", b"g\r\nhello\r\n0\r\n\r\n"),
    chunk("an empty size", b"\r\nhello\r\n0\r\n\r\n"),
    chunk("only an extension", b";x\r\nhello\r\n0\r\n\r\n"),
    chunk("LF after the size", b"5\nhello\r\n0\r\n\r\n"),
    chunk("CR after the size", b"5\rhello\r\n0\r\n\r\n"),
    chunk("a size of 17 digits", b"00000000000000005\r\nhello\r\n0\r\n\r\n"),
    chunk("a size of 2 to the 64th and five", b"10000000000000005\r\nhello\r\n0\r\n\r\n"),
    chunk("the greatest size", b"ffffffffffffffff\r\nhello\r\n0\r\n\r\n", 400, 413),
    chunk("LF in an extension", b"5;x=\ny\r\nhello\r\n0\r\n\r\n"),
    chunk("CR in an extension", b"5;x=\ry\r\nhello\r\n0\r\n\r\n"),
    chunk("NUL in an extension", b"5;x=\0\r\nhello\r\n0\r\n\r\n"),
    chunk("an endless extension", b"5;" + b"x" * 10_000 + b"\r\nhello\r\n0\r\n\r\n", 400, 413),
    chunk("more data than its size", b"4\r\nhello\r\n0\r\n\r\n"),
    chunk("less data than its size", b"6\r\nhello\r\n0\r\n\r\n"),
    chunk("no CRLF after the data", b"5\r\nhello0\r\n\r\n"),
    chunk("LF after the data", b"5\r\nhello\n0\r\n\r\n"),
    chunk("CR after the data", b"5\r\nhello\r0\r\n\r\n"),
    chunk("LF after the last size", b"5\r\nhello\r\n0\n\r\n"),
    chunk("LF for the last line", b"5\r\nhello\r\n0\r\n\n"),
    chunk("a trailer without colon", b"0\r\nhello\r\n\r\n"),
    chunk("a trailer with a space before the colon", b"0\r\nx : y\r\n\r\n"),
    chunk("a folded trailer", b"0\r\nx: y\r\n z\r\n\r\n"),
    chunk("NUL in a trailer", b"0\r\nx: \0\r\n\r\n"),
    chunk("LF after a trailer", b"0\r\nx: y\n\r\n"),
    chunk("too many trailers", b"0\r\n" + b"x: y\r\n" * 200 + b"\r\n", 400, 413),
    chunk("trailers that are too big", b"0\r\nx: " + b"y" * 20_000 + b"\r\n\r\n", 400, 413),

    Vector("bytes, a greeting of TLS", (400,), b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03" + bytes(range(64)) + b"\r\n\r\n"),
    Vector("bytes, at random", (400,), bytes((i * 7919 + 31) % 256 for i in range(400)) + b"\r\n\r\n"),
    Vector("bytes, NUL only", (400,), b"\0" * 100),
    Vector("bytes, a status line", (400,), b"HTTP/1.1 200 OK\r\ncontent-length: 0\r\n\r\n"),
]


def pieces_of(data: bytes, how: str) -> list[bytes]:
    """Cut behind each CR, where parsers that look back go wrong."""
    if how == "whole":
        return [data]
    cut = data.replace(b"\r", b"\r\xff\xfe\xff").split(b"\xff\xfe\xff")
    return cut if len(cut) < 30 else [data[:len(data) // 2], data[len(data) // 2:]]


def exchange(address, data: bytes, how: str):
    """The answer to exact bytes, and whether the connection ended after it."""
    with Connection(address) as connection:
        for piece in pieces_of(data, how):
            connection.try_send(piece)
        try:
            response = connection.read()
        except Closed as closed:
            assert closed.got == b"" and not closed.reset
            return None, True
        return response, connection.is_closed()


@pytest.mark.parametrize("how", ["whole", "pieces"])
@pytest.mark.parametrize("vector", REFUSED, ids=lambda vector: vector.name)
def test_refused(edge, origin, vector, how):
    path = origin.case()
    response, closed = exchange(edge, vector.data.replace(b"@", path.encode()), how)

    assert (response.status if response else 0) in vector.status, response
    assert closed, "the connection stays open, and what follows may be taken for a request"
    assert [each.target for each in origin.seen(path) if "smuggled" in each.target] == []
    assert [each.body for each in origin.seen(path) if not vector.name.startswith("chunk")] == []
    assert not origin.garbage
    # The control: the gateway is alive and passes requests on.
    assert ask(edge, f"GET {path}").status == 200 and origin.seen(path)


def control(name: str, data: bytes, requests: int = 1, body: bytes = b"") -> tuple:
    return pytest.param(data, requests, body, id=name)


@pytest.mark.parametrize("how", ["whole", "pieces"])
@pytest.mark.parametrize("data, requests, body", [
    control("the smallest request", GET + b"\r\n"),
    control("a length", POST + b"content-length: 5\r\n\r\nhello", body=b"hello"),
    control("a length of zero", POST + b"content-length: 0\r\n\r\n"),
    control("blanks around a length", POST + b"content-length: \t 5 \t\r\n\r\nhello", body=b"hello"),
    control("chunks", POST + b"transfer-encoding: chunked\r\n\r\n" + chunked(b"he", b"llo"), body=b"hello"),
    control("chunked in capitals", POST + b"Transfer-Encoding: CHUNKED\r\n\r\n" + chunked(b"hello"), body=b"hello"),
    control("sizes with zeros before", POST + b"transfer-encoding: chunked\r\n\r\n0005\r\nhello\r\n000\r\n\r\n", body=b"hello"),
    control("extensions", POST + b'transfer-encoding: chunked\r\n\r\n5;a=b;c="d"\r\nhello\r\n0;e\r\n\r\n', body=b"hello"),
    control("sizes in capitals", POST + b"transfer-encoding: chunked\r\n\r\nA\r\n0123456789\r\n0\r\n\r\n", body=b"0123456789"),
    control("an unknown method", b"BREW @ HTTP/1.1\r\nhost: a\r\n\r\n"),
    control("bytes above 127 in a value", GET + b"x: caf\xe9\r\n\r\n"),
    control("an empty value", GET + b"x:\r\n\r\n"),
    control("a name of every legal sign", GET + b"!#$%&'*+-.^_`|~09az: y\r\n\r\n"),
    control("HTTP/1.0", b"GET @ HTTP/1.0\r\n\r\n"),
    control("a query of many signs", b"GET @?a=b&c[]={d}|%20 HTTP/1.1\r\nhost: a\r\n\r\n"),
    control("an absolute target", b"GET http://a@ HTTP/1.1\r\nhost: b\r\n\r\n"),
    control("IPv6 for a host", b"GET @ HTTP/1.1\r\nhost: [::1]:8080\r\n\r\n"),
    control("fields up to the limit", GET + b"x: y\r\n" * 90 + b"\r\n"),
    control("a request within a body with a length",
            POST + b"content-length: %d\r\n\r\n" % len(NEXT) + NEXT, body=NEXT),
    control("a request within a chunk", POST + b"transfer-encoding: chunked\r\n\r\n" + chunked(NEXT), body=NEXT),
    control("a request within the body of GET", GET + b"content-length: %d\r\n\r\n" % len(NEXT) + NEXT, body=NEXT),
    control("connection names the length", POST + b"connection: content-length\r\ncontent-length: %d\r\n\r\n" % len(NEXT)
            + NEXT, body=NEXT),
    control("connection names the coding", POST + b"connection: transfer-encoding\r\ntransfer-encoding: chunked\r\n\r\n"
            + chunked(NEXT), body=NEXT),
    control("a coding's name with an underscore", POST + b"transfer_encoding: chunked\r\ncontent-length: %d\r\n\r\n" % len(NEXT)
            + NEXT, body=NEXT),
    control("two requests in one packet", GET + b"\r\n" + GET + b"\r\n", 2),
])
def test_passed_on(edge, origin, data, requests, body, how):
    path = origin.case()
    # What is in a body keeps its length: the path is put in before the length is made.
    data = data.replace(b"@", path.encode()) if not body else fit(data, path.encode())
    with Connection(edge) as connection:
        for piece in pieces_of(data, how):
            connection.send(piece)
        for _ in range(requests):
            assert connection.read().status == 200
        assert connection.is_quiet(0.02) or connection.ended

    seen = origin.seen(path)
    assert len(seen) == requests
    assert seen[0].body == body.replace(b"@", path.encode())


def fit(data: bytes, path: bytes) -> bytes:
    """Puts the path in, and makes the lengths right that counted the sign."""
    grown = len(NEXT.replace(b"@", path)) if NEXT in data else 0
    data = data.replace(b"content-length: %d\r\n" % len(NEXT), b"content-length: %d\r\n" % grown)
    data = data.replace(b"\r\n%x\r\n" % len(NEXT), b"\r\n%x\r\n" % grown)
    return data.replace(b"@", path)


def test_an_endless_line_is_refused_at_its_limit(edge, origin):
    path = origin.case()
    with Connection(edge) as connection:
        connection.try_send(f"GET {path}".encode() + b"x" * 200_000)
        assert connection.read().status == 414
        assert connection.is_closed()
    assert origin.seen(path) == []


def test_an_endless_head_is_refused_at_its_limit(edge, origin):
    path = origin.case()
    with Connection(edge) as connection:
        connection.try_send(f"GET {path} HTTP/1.1\r\nhost: a\r\n".encode())
        connection.try_send(b"x: y\r\n" * 50_000)
        assert connection.read().status == 431
        assert connection.is_closed()
    assert origin.seen(path) == []
    assert ask(edge, f"GET {path}").status == 200


def test_a_body_that_ends_early_is_no_request(edge, origin):
    path = origin.case()
    with Connection(edge) as connection:
        connection.send(f"POST {path} HTTP/1.1\r\nhost: a\r\ncontent-length: 10\r\n\r\nhalf".encode())
        connection.shut_down()
        with pytest.raises((Closed, AssertionError)):
            assert connection.read().status >= 400
            raise AssertionError("refused, which is as good")
    assert ask(edge, f"POST {path}", b"whole").status == 200
    assert [each.body for each in origin.seen(path) if each.body] == [b"whole"]


def test_what_is_refused_is_told_in_the_shape_of_errors(edge):
    for path in ("/x", "/v1/chat/completions"):
        with Connection(edge) as connection:
            connection.send(f"GET {path} HTTP/1.1\r\nhost: a\r\nx : y\r\n\r\n".encode())
            response = connection.read()
        assert response.status == 400
        assert response.closes
