# SPDX-License-Identifier: Apache-2.0
"""Change and end: a configuration that changes under load, one that is wrong, and the two ways to end."""
import json
import re
import signal
import threading
import time

import pytest

from harness import configs, http2
from harness.load import Load
from harness.origin import Exchange
from harness.program import SANITIZED
from harness.raw import Connection, ask, can_connect, request
from harness.until import until


def hello_again(go: threading.Event):
    """A script that sends "hello", and "again" when it is told to go on."""
    def script(exchange: Exchange):
        exchange.send(b"HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n5\r\nhello\r\n")
        go.wait(20)
        exchange.send(b"5\r\nagain\r\n0\r\n\r\n")
    return script


def generation(number: int, origin_port: int, base: dict) -> dict:
    """The same configuration, with a route that tells which one is in force."""
    shown = {"name": "generation", "match": {"path": {"exact": "/generation"}}, "response": {"body": str(number)}}
    return base | {"services": [configs.service("origin", origin_port)],
                   "routes": [shown, configs.route("all", "origin", retry={"attempts": 0})]}


def in_force(gateway) -> int:
    return int(ask(gateway.listener(), "GET /generation").text())


@pytest.fixture
def changing(start, origin):
    base = configs.simple(origin.port)
    gateway = start(generation(0, origin.port, base))
    return gateway, lambda number: generation(number, origin.port, base)


def test_a_changed_file_is_picked_up_by_itself(changing):
    gateway, make = changing
    assert in_force(gateway) == 0
    gateway.write(make(1))
    until(lambda: in_force(gateway) == 1, "the new file is in force", 3)
    # Also when it is written in place, as editors do.
    gateway.file.write_text(json.dumps(make(2)))
    until(lambda: in_force(gateway) == 2, "the file written in place is in force", 3)


def test_a_signal_reloads(changing):
    gateway, make = changing
    for number in range(1, 20):
        gateway.reload(make(number))
        until(lambda: in_force(gateway) == number, "the new file is in force", 3)  # pylint: disable=cell-var-from-loop


@pytest.mark.timeout(900)
def test_thousands_of_reloads_under_load_fail_no_request(changing, origin):
    """Each reload is waited for, by a request that tells which configuration is in force."""
    gateway, make = changing
    reloads = 200 if SANITIZED else 10_000
    path = origin.case()
    with Load(gateway.listener(), f"GET {path}", threads=3) as load, Connection(gateway.listener()) as probe:
        for number in range(1, reloads + 1):
            gateway.reload(make(number))
            shown = 0
            while shown != number:
                response = probe.ask("GET /generation")
                shown = int(response.text())
                if response.closes:
                    probe.__init__(gateway.listener())
    assert not load.failures, load.failures[:5]
    assert load.answered > 300
    assert gateway.metric("mynah_reloads_total", result="in_force") >= reloads
    assert gateway.metric("mynah_reloads_total", result="refused") == 0


def test_connections_and_streams_outlive_a_reload(changing, origin):
    gateway, make = changing
    go = threading.Event()
    path = origin.case(hello_again(go))
    with Connection(gateway.listener()) as streaming, Connection(gateway.listener()) as idle, \
            http2.Client(gateway.listener()) as client:
        assert idle.ask("GET /generation").text() == "0"
        assert client.ask("/generation").body == b"0"
        streaming.send(request(f"GET {path}"))
        streaming.read_head()
        assert streaming.read_chunk() == b"hello"
        gateway.reload(make(1))
        until(lambda: in_force(gateway) == 1, "the new file is in force")
        assert idle.ask("GET /generation").text() == "1"
        assert client.ask("/generation").body == b"1"
        go.set()
        assert streaming.read_chunk() == b"again"
        assert streaming.read_chunk() == b""


def test_listeners_and_services_come_and_go(changing, origin):
    gateway, make = changing
    config = make(1)
    port = int(configs.address().rsplit(":", 1)[1])
    config["gateway"] = config["gateway"] | {"listeners": [*config["gateway"]["listeners"], {"address": f"127.0.0.1:{port}"}]}
    gateway.reload(config)
    until(lambda: can_connect(("127.0.0.1", port)), "the new listener")
    assert ask(("127.0.0.1", port), f"GET {origin.case()}").status == 200
    gateway.reload(make(2))
    until(lambda: not can_connect(("127.0.0.1", port)), "the listener is gone")
    assert in_force(gateway) == 2


BAD = [
    pytest.param("routes: [", 1, None, id="no YAML"),
    pytest.param("gateway:\n  listners: []\n", 2, "listeners", id="a misspelt field"),
    pytest.param("services:\n  - {name: a, endpoints: ['127.0.0.1:99999']}\n", 2, "99999", id="no port"),
    pytest.param("routes:\n  - {name: r, service: lm}\nservices:\n  - {name: llm, endpoints: ['127.0.0.1:1']}\n", 2, "llm",
                 id="an unknown service"),
    pytest.param("routes:\n  - {name: r, service: demo}\n  - {name: r, service: demo}\n", 3, "r", id="a name twice"),
    pytest.param("routes:\n  - {name: r, match: {path: {regex: '('}}, service: demo}\n", 2, None, id="no expression"),
    pytest.param("gateway:\n  limits: {header_timeout: 10}\n", 2, None, id="a time without unit"),
    pytest.param("gateway:\n  listeners:\n    - address: 127.0.0.1:1\n      tls: {certificate: none.pem, key: none.key}\n", 4,
                 "none.pem", id="a file that is not there"),
    pytest.param("data: ${NOT_SET_ANYWHERE}\n", 1, "NOT_SET_ANYWHERE", id="a variable that is not set"),
    pytest.param("plugins:\n  - {id: x, stage: defalt}\n", 2, "default", id="a misspelt word"),
    pytest.param("data: a\ndata: b\n", 2, "data", id="a field twice"),
]


@pytest.mark.parametrize("text, line, names", BAD)
def test_a_bad_file_is_refused_and_the_old_one_serves(start, origin, text, line, names):
    """The one log line names file, line and column."""
    gateway = start(generation(7, origin.port, configs.simple(origin.port)))
    good, address = gateway.config, gateway.listener()
    gateway.reload(text)
    said = until(lambda: re.search(rf"mynah\.yaml:{line}:\d+: .*", gateway.said()), "the refusal in the log")
    if names:
        assert names in said.group(0)
    gateway.config = good
    assert in_force(gateway) == 7
    with Connection(address) as connection:
        assert connection.ask(f"GET {origin.case()}").status == 200
    gateway.reload(generation(8, origin.port, good))
    until(lambda: in_force(gateway) == 8, "a good file is taken again")


# ---- The end

def test_the_end_under_load_fails_no_request(start, origin):
    """SIGTERM while clients ask without pause: each answer comes whole; then connections are refused."""
    gateway = start(configs.simple(origin.port, limits={"drain_grace": "500ms", "drain_time": "10s"}))
    path = origin.case()
    load = Load(gateway.listener(), f"POST {path}", b"x" * 300, threads=4, stop_when_refused=True)
    with load:
        until(lambda: load.answered > 200, "answers under load")
        gateway.process.send_signal(signal.SIGTERM)
        assert gateway.wait() == 0
        load.join()
    assert not load.failures, load.failures[:5]
    assert load.refused == 4


def test_the_end_waits_for_exchanges_in_flight(start, origin):
    gateway = start(configs.simple(origin.port, limits={"drain_grace": "0ms", "drain_time": "20s"}))
    go = threading.Event()
    path = origin.case(hello_again(go))
    with Connection(gateway.listener()) as connection, http2.Client(gateway.listener()) as client:
        connection.send(request(f"GET {path}"))
        connection.read_head()
        stream = client.open(path)
        until(lambda: client.answers[stream].pieces or client.receive(), "the first piece")
        gateway.process.send_signal(signal.SIGTERM)
        until(lambda: not can_connect(gateway.listener()), "new connections are refused")
        assert gateway.process.poll() is None
        go.set()
        assert connection.read_chunk() == b"hello" and connection.read_chunk() == b"again" and connection.read_chunk() == b""
        assert client.wait(stream).body == b"helloagain"
        assert gateway.wait() == 0


def test_readiness_goes_first(start, origin):
    gateway = start(configs.simple(origin.port, limits={"drain_grace": "2s"}))
    assert ask(gateway.console(), "GET /readyz").status == 200
    assert ask(gateway.console(), "GET /healthz").status == 200
    gateway.process.send_signal(signal.SIGTERM)
    until(lambda: ask(gateway.console(), "GET /readyz").status == 503, "readiness is gone")
    assert ask(gateway.console(), "GET /healthz").status == 200
    assert ask(gateway.listener(), f"GET {origin.case()}").status == 200, "the grace time still serves"
    assert gateway.wait() == 0


def test_the_time_to_end_is_limited(start, origin):
    gateway = start(configs.simple(origin.port, limits={"drain_grace": "0ms", "drain_time": "500ms"}))
    path = origin.case(lambda exchange: (exchange.wait_gone(), exchange.close()))
    with Connection(gateway.listener()) as connection:
        connection.send(request(f"GET {path}"))
        origin.await_seen(path)
        gateway.process.send_signal(signal.SIGTERM)
        gateway.wait(10)


def test_a_second_signal_ends_at_once(start, origin):
    gateway = start(configs.simple(origin.port, limits={"drain_grace": "30s", "drain_time": "30s"}))
    path = origin.case(lambda exchange: (exchange.wait_gone(), exchange.close()))
    with Connection(gateway.listener()) as connection:
        connection.send(request(f"GET {path}"))
        origin.await_seen(path)
        gateway.process.send_signal(signal.SIGTERM)
        until(lambda: ask(gateway.console(), "GET /readyz").status == 503, "the first signal is noticed")
        gateway.process.send_signal(signal.SIGTERM)
        gateway.expected_status = set(range(-255, 256))
        gateway.process.wait(5)


def test_interrupt_ends_like_terminate(start, origin):
    gateway = start(configs.simple(origin.port))
    assert ask(gateway.listener(), f"GET {origin.case()}").status == 200
    gateway.process.send_signal(signal.SIGINT)
    assert gateway.wait() == 0


# ---- What it tells about itself

def test_the_access_log_tells_of_each_exchange(start, origin):
    gateway = start(configs.simple(origin.port))
    path = origin.case()
    ask(gateway.listener(), f"POST {path}?secret=1\nx-request-id: id-1", b"hello")
    line = until(lambda: next(iter(gateway.access_log()), None), "a line")
    assert line["method"] == "POST" and line["status"] == 200 and line["id"] == "id-1"
    assert line["route"] == "all" and line["service"] == "origin" and path in line["path"]
    assert ask(gateway.listener(), "GET /no\nhost: a").status == 200


def test_metrics_are_prometheus(start, origin):
    gateway = start(configs.simple(origin.port))
    for _ in range(5):
        assert ask(gateway.listener(), f"GET {origin.case()}").status == 200
    response = ask(gateway.console(), "GET /metrics")
    assert response.status == 200 and response.get("content-type").startswith("text/plain")
    samples = [line for line in response.text().splitlines() if line and not line.startswith("#")]
    wrong = [line for line in samples if not re.fullmatch(r'[a-zA-Z_:][\w:]*(\{(\w+="(\\.|[^"\\])*",?)*\})? [-+\w.]+', line)]
    assert not wrong, wrong[:3]
    assert any(line.startswith("mynah_") for line in samples)
