# SPDX-License-Identifier: Apache-2.0
"""What the gateway takes from headers and adds to them at its edge: connection fields, who the client is, identity headers,
request ids, trace context; whom it believes; the PROXY protocol."""
import re
import socket
import struct

import pytest

from harness import configs
from harness.origin import raw
from harness.raw import Connection, ask, request

HOP_BY_HOP = ["connection", "keep-alive", "proxy-connection", "te", "transfer-encoding", "upgrade", "http2-settings"]


def test_connection_fields_of_a_request_stay_here(edge, origin):
    path = origin.case()
    ask(edge, f"GET {path}\nconnection: keep-alive, x-private, X-Other\nkeep-alive: timeout=5\nproxy-connection: keep-alive\n"
              "te: gzip\nx-private: 1\nx-other: 2\nx-public: 3\nauthorization: Bearer t\ncookie: a=b")
    seen = origin.seen(path)[0]
    names = {name for name, _ in seen.fields}
    assert not names & {*HOP_BY_HOP, "x-private", "x-other"}, names
    # The control: the rest arrives.
    assert (seen.get("x-public"), seen.get("authorization"), seen.get("cookie")) == ("3", "Bearer t", "a=b")


def test_connection_fields_of_a_response_stay_here(edge, origin):
    path = origin.case(raw(b"HTTP/1.1 200 OK\r\nconnection: x-private, close\r\nkeep-alive: timeout=5\r\nx-private: 1\r\n"
                           b"proxy-connection: x\r\nupgrade: x\r\nx-public: 3\r\ncontent-length: 2\r\n\r\nok", then="close"))
    response = ask(edge, f"GET {path}")
    names = {name for name, _ in response.fields}
    assert not names & {"keep-alive", "x-private", "proxy-connection", "upgrade"}, names
    assert response.get("x-public") == "3" and not response.closes


def test_connection_cannot_take_out_what_frames_or_routes(edge, origin):
    path = origin.case()
    ask(edge, f"POST {path}\nconnection: host, content-length, x-forwarded-for, x-request-id", b"hello")
    seen = origin.seen(path)[0]
    assert (seen.body, seen.get("host")) == (b"hello", "test.example")
    assert seen.get("x-forwarded-for") == "127.0.0.1" and seen.get("x-request-id")


def test_order_and_repetition_of_fields_are_kept(edge, origin):
    path = origin.case()
    ask(edge, f"GET {path}\na: 1\nb: 2\na: 3\ncookie: x\ncookie: y")
    assert [field for field in origin.seen(path)[0].fields if field[0] in "ab"] == [("a", "1"), ("b", "2"), ("a", "3")]
    path = origin.case(raw(b"HTTP/1.1 200 OK\r\nset-cookie: a\r\nx: 1\r\nset-cookie: b\r\ncontent-length: 0\r\n\r\n"))
    assert ask(edge, f"GET {path}").all("set-cookie") == ["a", "b"]


def test_who_the_client_is(edge, origin):
    path = origin.case()
    ask(edge, f"GET {path}\nhost: api.example:8080")
    seen = origin.seen(path)[0]
    assert seen.get("x-forwarded-for") == "127.0.0.1"
    assert seen.get("x-forwarded-proto") == "http"
    assert seen.get("x-forwarded-host") == "api.example:8080"
    assert seen.get("via") == "1.1 mynah"


def test_claims_of_a_stranger_are_replaced(edge, origin):
    path = origin.case()
    ask(edge, f"GET {path}\nx-forwarded-for: 1.2.3.4\nx-forwarded-proto: https\nx-forwarded-host: bank.example\n"
              "forwarded: for=1.2.3.4\nx-real-ip: 1.2.3.4")
    seen = origin.seen(path)[0]
    assert seen.get("x-forwarded-for") == "127.0.0.1"
    assert seen.get("x-forwarded-proto") == "http"
    assert seen.get("x-forwarded-host") == "test.example"
    assert "1.2.3.4" not in (seen.get("forwarded") or "")


def test_via_is_extended(edge, origin):
    path = origin.case()
    ask(edge, f"GET {path}\nvia: 1.0 fred")
    assert origin.seen(path)[0].get("via") == "1.0 fred, 1.1 mynah"


IDENTITY = ["x-mse-consumer", "X-MSE-Consumer", "x-mse-consumer-group", "x-mse-tag", "x-higress-uid", "x-higress-llm-model",
            "x-envoy-original-path"]


@pytest.mark.parametrize("name", IDENTITY)
def test_identity_headers_of_clients_are_taken_out(edge, origin, name):
    path = origin.case()
    ask(edge, f"GET {path}\n{name}: admin\nx-mine: 1")
    seen = origin.seen(path)[0]
    assert seen.all(name.lower()) == []
    assert seen.get("x-mine") == "1"


def test_a_request_id_is_made_and_shown(edge, origin):
    path = origin.case()
    first, second = ask(edge, f"GET {path}"), ask(edge, f"GET {path}")
    assert first.get("x-request-id") != second.get("x-request-id")
    assert re.fullmatch(r"[0-9a-zA-Z-]{16,64}", first.get("x-request-id"))
    assert [each.get("x-request-id") for each in origin.seen(path)] == [each.get("x-request-id") for each in (first, second)]


def test_a_request_id_of_the_client_is_kept(edge, origin):
    path = origin.case()
    assert ask(edge, f"GET {path}\nx-request-id: my-own-1").get("x-request-id") == "my-own-1"
    assert origin.seen(path)[0].get("x-request-id") == "my-own-1"


def test_trace_context_is_passed_on(edge, origin):
    path = origin.case()
    trace = "0af7651916cd43dd8448eb211c80319c"
    ask(edge, f"GET {path}\ntraceparent: 00-{trace}-b7ad6b7169203331-01\ntracestate: a=1,b=2")
    seen = origin.seen(path)[0]
    assert re.fullmatch(rf"00-{trace}-[0-9a-f]{{16}}-0[01]", seen.get("traceparent"))
    assert seen.get("tracestate") == "a=1,b=2"


# ---- Whom the gateway believes

@pytest.mark.parametrize("forwarding, sent, arrived", [
    pytest.param({"trusted_hops": 1}, "9.9.9.9", "9.9.9.9, 127.0.0.1", id="one hop"),
    pytest.param({"trusted_hops": 2}, "6.6.6.6, 9.9.9.9", "6.6.6.6, 9.9.9.9, 127.0.0.1", id="two hops"),
    pytest.param({"trusted_proxies": ["127.0.0.0/8"]}, "9.9.9.9", "9.9.9.9, 127.0.0.1", id="a block that holds the peer"),
    pytest.param({"trusted_proxies": ["10.0.0.0/8"]}, "9.9.9.9", "127.0.0.1", id="a block that does not"),
])
def test_a_trusted_proxy_is_believed(start, origin, forwarding, sent, arrived):
    gateway = start(configs.simple(origin.port, forwarding=forwarding))
    path = origin.case()
    ask(gateway.listener(), f"GET {path}\nx-forwarded-for: {sent}\nx-forwarded-proto: https\nx-forwarded-host: h.example")
    seen = origin.seen(path)[0]
    assert seen.get("x-forwarded-for") == arrived
    believed = "9.9.9.9" in arrived
    assert seen.get("x-forwarded-proto") == ("https" if believed else "http")
    assert seen.get("x-forwarded-host") == ("h.example" if believed else "test.example")


def test_lists_of_the_edge_can_be_changed(start, origin):
    gateway = start(configs.simple(origin.port, forwarding={"identity_headers": ["x-secret"], "via": ""}))
    path = origin.case()
    ask(gateway.listener(), f"GET {path}\nx-secret: 1\nx-mse-consumer: 2")
    seen = origin.seen(path)[0]
    assert (seen.all("x-secret"), seen.get("x-mse-consumer"), seen.all("via")) == ([], "2", [])


# ---- PROXY protocol

def version2(command: int, family: int, body: bytes) -> bytes:
    return b"\r\n\r\n\0\r\nQUIT\n" + bytes([0x20 | command, family]) + struct.pack("!H", len(body)) + body


IPV4 = socket.inet_aton("203.0.113.7") + socket.inet_aton("10.0.0.1") + struct.pack("!HH", 4711, 80)
IPV6 = socket.inet_pton(socket.AF_INET6, "2001:db8::7") * 2 + struct.pack("!HH", 4711, 80)


@pytest.fixture(scope="module")
def behind_proxy(origin, tmp_path_factory):
    from harness.program import Gateway  # pylint: disable=import-outside-toplevel
    config = configs.simple(origin.port, listeners=[{"address": configs.address(), "proxy_protocol": True}],
                            limits={"header_timeout": "1s"})
    with Gateway(config, tmp_path_factory.mktemp("proxy")) as gateway:
        yield gateway


@pytest.mark.parametrize("header, client", [
    pytest.param(b"PROXY TCP4 203.0.113.7 10.0.0.1 4711 80\r\n", "203.0.113.7", id="version 1, IPv4"),
    pytest.param(b"PROXY TCP6 2001:db8::7 2001:db8::1 4711 80\r\n", "2001:db8::7", id="version 1, IPv6"),
    pytest.param(b"PROXY UNKNOWN\r\n", "127.0.0.1", id="version 1, unknown"),
    pytest.param(b"PROXY UNKNOWN some more\r\n", "127.0.0.1", id="version 1, unknown with more"),
    pytest.param(version2(1, 0x11, IPV4), "203.0.113.7", id="version 2, IPv4"),
    pytest.param(version2(1, 0x21, IPV6), "2001:db8::7", id="version 2, IPv6"),
    pytest.param(version2(0, 0x00, b""), "127.0.0.1", id="version 2, local"),
    pytest.param(version2(1, 0x11, IPV4 + b"\x04\0\3abc"), "203.0.113.7", id="version 2, with more"),
])
@pytest.mark.parametrize("how", ["whole", "bytes"])
def test_the_proxy_protocol_names_the_client(behind_proxy, origin, header, client, how):
    path = origin.case()
    with Connection(behind_proxy.listener()) as connection:
        data = header + request(f"GET {path}")
        for piece in [data] if how == "whole" else [data[i:i + 1] for i in range(len(data))]:
            connection.send(piece)
        assert connection.read().status == 200
        assert connection.ask(f"GET {path}").status == 200
    assert [each.get("x-forwarded-for") for each in origin.seen(path)] == [client] * 2


@pytest.mark.parametrize("header", [
    pytest.param(b"", id="none"),
    pytest.param(b"PROXY TCP4 203.0.113.7 10.0.0.1 4711 80\n", id="LF alone"),
    pytest.param(b"PROXY TCP4 203.0.113.7 10.0.0.1 4711\r\n", id="a port is missing"),
    pytest.param(b"PROXY TCP4 300.0.113.7 10.0.0.1 4711 80\r\n", id="no address"),
    pytest.param(b"PROXY TCP4 2001:db8::7 10.0.0.1 4711 80\r\n", id="an address of the other family"),
    pytest.param(b"PROXY TCP4 203.0.113.7 10.0.0.1 99999 80\r\n", id="a port too big"),
    pytest.param(b"PROXY TCP5 203.0.113.7 10.0.0.1 4711 80\r\n", id="no family"),
    pytest.param(b"proxy TCP4 203.0.113.7 10.0.0.1 4711 80\r\n", id="lower case"),
    pytest.param(b"PROXY UNKNOWN " + b"x" * 200 + b"\r\n", id="a line too long"),
    pytest.param(b"\r\n\r\n\0\r\nQUIT\n\x31\x11\0\x0c" + IPV4, id="version 3"),
    pytest.param(version2(2, 0x11, IPV4), id="an unknown command"),
    pytest.param(version2(1, 0x11, IPV4[:8]), id="addresses too short"),
])
def test_a_bad_proxy_header_ends_the_connection(behind_proxy, origin, header):
    path = origin.case()
    with Connection(behind_proxy.listener()) as connection:
        connection.try_send(header + request(f"GET {path}"))
        data = b""
        try:
            data = connection.read_to_end()
        except ConnectionError:
            pass
        except Exception as error:  # pylint: disable=broad-except
            assert "reset" in str(error), error
        assert b" 200 " not in data
    assert origin.seen(path) == []
    # The control.
    with Connection(behind_proxy.listener()) as connection:
        connection.send(version2(1, 0x11, IPV4) + request(f"GET {path}"))
        assert connection.read().status == 200


def test_without_the_option_a_proxy_header_is_garbage(edge, origin):
    path = origin.case()
    with Connection(edge) as connection:
        connection.try_send(b"PROXY TCP4 203.0.113.7 10.0.0.1 4711 80\r\n" + request(f"GET {path}"))
        assert connection.read_to_end()[:13] in (b"", b"HTTP/1.1 400 ")
    assert origin.seen(path) == []
    assert ask(edge, f"GET {path}").status == 200
