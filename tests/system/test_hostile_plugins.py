# SPDX-License-Identifier: Apache-2.0
"""Plug-ins that do harm, on purpose or not: the gateway and the other exchanges go on, and the log says what happened."""
import json
import threading

import pytest

from harness import configs
from harness.load import Load
from harness.plugins import probe
from harness.program import SANITIZED, Gateway
from harness.raw import Connection, ask
from harness.until import until

LIMITS = {"limits": {"call_time": "100ms", "memory_bytes": 32 << 20}}
HARMS = {"trap": "unreachable code", "loop": "time limit", "recurse": "stack overflow|access outside of memory",
         "grow": "unreachable code"}
PHASES = ["request_headers", "request_body", "response_headers", "response_body", "done", "log"]


@pytest.fixture
def serve(start, origin):
    """serve(plugins…) has two routes: /harm, on which the plug-ins run, and everything else."""
    def serve_one(*plugins, **more) -> Gateway:
        only = [plugin | {"rules_only": True, "rules": [{"routes": ["harm"]}]} for plugin in plugins]
        return start(configs.config([configs.service("origin", origin.port), configs.service("nowhere", 1)],
                                    [configs.route("harm", "origin", "/harm"), configs.route("rest", "origin")],
                                    plugins=only, **({"workers": 1} | more)))
    return serve_one


def faults(gateway) -> list[str]:
    """What the log says of plug-ins that have failed."""
    return [line["message"] for line in map(json.loads, gateway.said().splitlines()[2:])
            if line.get("layer") == "plugin" and "the plug-in failed" in line["message"]]


@pytest.mark.parametrize("phase", PHASES)
@pytest.mark.parametrize("harm", HARMS)
def test_harm_in_a_callback_ends_the_machine_and_nothing_else(serve, harm, phase):
    gateway = serve(probe(f"{phase}: {harm}", on_failure="closed", **LIMITS))

    harmed = ask(gateway.listener(), "POST /harm\ncontent-length: 5", b"hello")
    beside = ask(gateway.listener(), "POST /other\ncontent-length: 5", b"hello")

    assert harmed.status == (200 if phase in ("done", "log") else 503)
    assert beside.status == 200
    told = until(lambda: faults(gateway), "the log tells of the fault")[0]
    assert any(reason in told for reason in HARMS[harm].split("|")), told
    assert f"plug-in probe, proxy_on_{phase}: " in told and "\n  at " in told


@pytest.mark.parametrize("policy, status", [("open", 200), ("closed", 503)])
def test_what_a_failed_plugin_held_passes_or_is_refused(serve, policy, status):
    gateway = serve(probe("request_headers: trap", on_failure=policy))

    assert ask(gateway.listener(), "GET /harm").status == status


def test_a_fresh_machine_follows_and_faults_in_a_row_back_off(serve):
    gateway = serve(probe("request_headers: trap", on_failure="closed"))

    for number in range(3):
        until(lambda: ask(gateway.listener(), "GET /harm") and len(faults(gateway)) > number, "the next machine fails too")

    pauses = [int(told.partition("restarted in ")[2].split()[0]) for told in faults(gateway)[:3]]
    assert pauses == sorted(pauses) and pauses[2] > pauses[0]


def test_others_are_served_while_a_plugin_fails_over_and_over(serve):
    gateway = serve(probe("request_headers: trap", on_failure="open"), workers=2)

    with Load(gateway.listener(), "GET /other", threads=2) as others, Load(gateway.listener(), "GET /harm", threads=2) as harmed:
        until(lambda: others.answered > 50 and harmed.answered > 50 and len(faults(gateway)) > 2, "both are answered", 30)


def test_exchanges_that_wait_in_a_machine_that_fails_are_let_go(serve, origin):
    gateway = serve(probe("request_headers: return 1", "request_body: return 1", "response_headers: trap",
                          "tick: trap", "configure: tick 300", on_failure="closed"))
    answers = []
    threads = [threading.Thread(target=lambda: answers.append(ask(gateway.listener(), "POST /harm\ncontent-length: 1", b"x").status))
               for _ in range(5)]

    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(20)

    assert answers == [503] * 5


def test_a_plugin_that_fills_its_memory_is_stopped_at_its_limit(serve):
    gateway = serve(probe("request_headers: grow", **LIMITS))
    before = gateway.resident_bytes()

    ask(gateway.listener(), "GET /harm")

    assert "of 32 MiB" in until(lambda: faults(gateway), "it fails")[0]
    if not SANITIZED:
        assert gateway.resident_bytes() - before < 64 << 20


def test_thousands_of_calls_stop_at_the_limit(serve):
    many = [f"request_headers: http nowhere :method=GET,:path=/,:authority=x{number}" for number in range(3000)]
    gateway = serve(probe(*many, limits={"log_lines_per_second": 1000000}))

    assert ask(gateway.listener(), "GET /harm").status == 200
    assert ask(gateway.listener(), "GET /other").status == 200
    until(lambda: "too many calls in flight" in gateway.said(), "the limit is told")


def test_a_plugin_that_logs_without_end_is_cut_short(serve):
    many = [f"request_headers: log 2 line{number}" for number in range(5000)]
    gateway = serve(probe(*many, limits={"log_lines_per_second": 50}))

    for _ in range(3):
        ask(gateway.listener(), "GET /harm")

    assert gateway.said().count("line") < 500


@pytest.mark.parametrize("phase", ["request_headers", "response_headers"])
def test_a_plugin_holds_an_exchange_only_as_long_as_it_may(serve, phase):
    gateway = serve(probe(f"{phase}: return 4", limits={"paused_max": "300ms"}),
                    probe("request_headers: return 0", entry="patient"))

    answer = ask(gateway.listener(), "GET /harm")

    assert answer.status == 504
    assert "plugin-too-slow" in answer.text()
    line = until(gateway.access_log, "a line of the access log")[0]
    assert line["details"] == "held by probe"


def test_the_time_in_which_a_client_sends_its_body_does_not_count(serve):
    gateway = serve(probe("request_headers: return 1", limits={"paused_max": "300ms"}))

    with Connection(gateway.listener()) as connection:
        connection.send(b"POST /harm HTTP/1.1\r\nhost: x\r\ncontent-length: 3\r\n\r\n")
        for byte in (b"a", b"b"):
            threading.Event().wait(0.25)
            connection.send(byte)
        threading.Event().wait(0.25)
        connection.send(b"c")

        assert connection.read("POST").status == 200


# ---- Plug-ins that do not start

def test_a_start_that_never_returns_holds_nobody_up(serve):
    gateway = serve(probe("request_headers: add 0 x-version one"))
    stuck = gateway.config["plugins"][0] | {"config": {"do": ["configure: log 2 starting", "configure: loop"]}}

    gateway.reload(gateway.config | {"plugins": [stuck]})

    until(lambda: '"starting"' in gateway.said(), "the plug-in starts")
    assert ask(gateway.listener(), "GET /other").status == 200
    assert ["x-version", "one"] in json.loads(ask(gateway.listener(), "GET /harm").body)["fields"]
    assert "is refused" not in gateway.said()
    until(lambda: "is refused" in gateway.said(), "the configuration is refused", 30)
    assert "time limit" in gateway.said()
    assert ask(gateway.listener(), "GET /harm").status == 200


def test_a_plugin_that_refuses_its_configuration_leaves_the_one_before(serve):
    gateway = serve(probe("request_headers: add 0 x-version one"))
    refusing = gateway.config | {"plugins": [gateway.config["plugins"][0] | {"config": {"do": ["configure: return 0"]}}]}

    gateway.reload(refusing)

    until(lambda: "refused its configuration" in gateway.said(), "the log says so")
    assert ["x-version", "one"] in json.loads(ask(gateway.listener(), "GET /harm").body)["fields"]
