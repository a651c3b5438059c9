# SPDX-License-Identifier: Apache-2.0
"""TLS on both sides: versions, the name that the client asks for, protocols by ALPN, certificates that change; services
that are verified, or not."""
import shutil
import socket
import ssl

import pytest

from harness import configs, http2
from harness.origin import Origin
from harness.program import Gateway
from harness.raw import Connection, ask
from harness.until import until

V12, V13 = ssl.TLSVersion.TLSv1_2, ssl.TLSVersion.TLSv1_3


@pytest.fixture(scope="module")
def certificates(authority):
    return {"localhost": authority.issue("localhost", "127.0.0.1"), "other": authority.issue("other.example", "*.other.example")}


def tls_listener(certificates, **more) -> dict:
    pairs = [{"certificate": certificate, "key": key} for certificate, key in certificates.values()]
    return {"address": configs.address(), "tls": {"certificates": pairs} | more}


@pytest.fixture(scope="module")
def secure(origin, certificates, tmp_path_factory):
    config = configs.simple(origin.port, listeners=[tls_listener(certificates), tls_listener(certificates, min_version="1.3"),
                                                    tls_listener(certificates, alpn=["http/1.1"])])
    with Gateway(config, tmp_path_factory.mktemp("tls")) as gateway:
        yield gateway


@pytest.mark.parametrize("version", [V12, V13])
def test_both_versions_are_served(secure, origin, authority, version):
    path = origin.case()
    with Connection(secure.listener(), tls=authority.client(lowest=version, highest=version)) as connection:
        assert connection.socket.version() == {V12: "TLSv1.2", V13: "TLSv1.3"}[version]
        assert connection.ask(f"GET {path}").status == 200
        assert connection.ask(f"POST {path}", b"x" * 300_000).status == 200
    assert origin.seen(path)[0].get("x-forwarded-proto") == "https"


def test_a_version_can_be_asked_for(secure, origin, authority):
    with pytest.raises((ssl.SSLError, OSError)):
        with Connection(secure.listener(1), tls=authority.client(highest=V12)) as connection:
            connection.ask("GET /")
    with Connection(secure.listener(1), tls=authority.client()) as connection:
        assert connection.ask(f"GET {origin.case()}").status == 200


def test_old_versions_are_refused(secure, authority, origin):
    context = authority.client()
    context.minimum_version = ssl.TLSVersion.MINIMUM_SUPPORTED
    context.maximum_version = ssl.TLSVersion.TLSv1_1
    context.set_ciphers("ALL:@SECLEVEL=0")
    with pytest.raises((ssl.SSLError, OSError)):
        with Connection(secure.listener(), tls=context) as connection:
            connection.ask("GET /")
    assert ask(secure.listener(), f"GET {origin.case()}", tls=authority.client()).status == 200


@pytest.mark.parametrize("name, subject", [("localhost", "localhost"), ("other.example", "other.example"),
                                           ("a.other.example", "other.example"), ("OTHER.example", "other.example"),
                                           ("unknown.example", "localhost"), (None, "localhost")])
def test_the_name_chooses_the_certificate(secure, authority, name, subject):
    context = authority.client()
    context.check_hostname = False
    with socket.create_connection(secure.listener(), 5) as plain, context.wrap_socket(plain, server_hostname=name) as wrapped:
        assert dict(part[0] for part in wrapped.getpeercert()["subject"])["commonName"] == subject


@pytest.mark.parametrize("listener, offered, chosen", [
    (0, ["h2", "http/1.1"], "h2"), (0, ["http/1.1"], "http/1.1"), (0, [], None), (2, ["h2", "http/1.1"], "http/1.1"),
])
def test_alpn_chooses_the_protocol(secure, origin, authority, listener, offered, chosen):
    context, path = authority.client(offered), origin.case()
    if chosen == "h2":
        with http2.Client(secure.listener(listener), tls=context) as client:
            assert client.ask(path).status == 200
    else:
        with Connection(secure.listener(listener), tls=context) as connection:
            assert connection.socket.selected_alpn_protocol() == chosen
            assert connection.ask(f"GET {path}").status == 200


def test_what_is_no_tls_ends(secure, authority, origin):
    with Connection(secure.listener()) as connection:
        connection.try_send(b"GET / HTTP/1.1\r\nhost: a\r\n\r\n")
        try:
            assert b" 200 " not in connection.read_to_end()
        except Exception as error:  # pylint: disable=broad-except
            assert "reset" in str(error), error
    assert ask(secure.listener(), f"GET {origin.case()}", tls=authority.client()).status == 200


def test_a_certificate_that_changes_is_taken_up(start, origin, authority, tmp_path):
    certificate, key = tmp_path / "live.pem", tmp_path / "live.key"

    def put(issued):
        shutil.copy(issued[0], certificate)
        shutil.copy(issued[1], key)

    def serial(address) -> str:
        with socket.create_connection(address, 5) as plain, authority.client().wrap_socket(plain, server_hostname="localhost") as s:
            return s.getpeercert()["serialNumber"]
    put(authority.issue("localhost", file="first"))
    gateway = start(configs.simple(origin.port, listeners=[{"address": configs.address(),
                                                            "tls": {"certificate": str(certificate), "key": str(key)}}]))
    first = serial(gateway.listener())
    with Connection(gateway.listener(), tls=authority.client()) as kept:
        assert kept.ask(f"GET {origin.case()}").status == 200
        put(authority.issue("localhost", file="second"))
        gateway.reload()
        until(lambda: serial(gateway.listener()) != first, "the new certificate is shown")
        assert kept.ask(f"GET {origin.case()}").status == 200, "a connection with the old one goes on"
    # A broken file is refused, and what serves stays.
    second = serial(gateway.listener())
    certificate.write_text("no certificate")
    gateway.reload()
    until(lambda: "live.pem" in gateway.said(), "the log names the broken file")
    assert serial(gateway.listener()) == second


# ---- Services over TLS

@pytest.fixture(scope="module")
def secure_origin(certificates):
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(*certificates["localhost"])
    with Origin(tls=context) as serving:
        yield serving


@pytest.mark.parametrize("tls, status", [
    pytest.param({"sni": "localhost"}, 200, id="verified"),
    pytest.param({}, 200, id="verified by address"),
    pytest.param({"sni": "wrong.example"}, 502, id="another name"),
    pytest.param({"sni": "wrong.example", "verify": False}, 200, id="not verified"),
    pytest.param({"sni": "localhost", "ca": None}, 502, id="an authority that nobody trusts"),
])
def test_a_service_is_verified(start, secure_origin, authority, tls, status):
    tls = {"ca": authority.certificate} | tls
    tls = {key: value for key, value in tls.items() if value is not None}
    gateway = start(configs.config([configs.service("s", secure_origin.port, tls=tls)], [configs.route("all", "s")]))
    path = secure_origin.case()
    response = ask(gateway.listener(), f"POST {path}", b"x" * 100_000)
    assert response.status in ((200,) if status == 200 else (502, 503))
    assert len(secure_origin.seen(path)) == (status == 200)


def test_a_service_over_tls_and_http2(start, certificates, authority):
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(*certificates["localhost"])
    context.set_alpn_protocols(["h2"])
    with http2.Origin(tls=context) as upstream:
        tls = {"sni": "localhost", "ca": authority.certificate}
        gateway = start(configs.config([configs.service("s", upstream.port, tls=tls, protocol="h2")],
                                       [configs.route("all", "s")]))
        assert ask(gateway.listener(), "POST /", b"hello").body == b"over h2: hello"
