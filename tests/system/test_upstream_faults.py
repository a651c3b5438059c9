# SPDX-License-Identifier: Apache-2.0
"""Services that fail: what the client sees, what is tried again and what never is, who is taken out and comes back."""
import threading
import time

import pytest

from harness import configs
from harness.load import Load
from harness.origin import Exchange, Origin, fixed, raw
from harness.ports import free_port
from harness.raw import Closed, ask, request, seconds_since, Connection
from harness.until import until

FAST = {"backoff_base": "1ms", "backoff_max": "5ms", "budget_min": 100}


def failing(times: int, how) -> tuple:
    """A script that fails so often and then answers; and the count of its calls."""
    calls = []

    def script(exchange: Exchange):
        exchange.body()
        calls.append(exchange.request)
        if len(calls) <= times:
            how(exchange)
        else:
            exchange.answer(200, b"at last")
    return script, calls


def reset(exchange: Exchange):
    exchange.reset()


def answers(status: int):
    return lambda exchange: exchange.answer(status, b"no")


def routed(start, origin, **route):
    """The address of a gateway whose only route has these fields."""
    return start(configs.config([configs.service("s", origin.port)], [configs.route("r", "s", **route)])).listener()


def test_a_service_that_refuses_connections(start):
    gateway = start(configs.simple(free_port()))
    begin = time.monotonic()
    response = ask(gateway.listener(), "GET /")
    assert response.status in (502, 503) and seconds_since(begin) < 3
    until(lambda: any(line.get("status") == response.status for line in gateway.access_log()), "a line in the access log")


@pytest.mark.parametrize("how, retry", [
    pytest.param(reset, {}, id="reset, by default"),
    pytest.param(lambda exchange: exchange.close(), {}, id="closed, by default"),
    pytest.param(answers(503), {"when": ["gateway_error"]}, id="503"),
    pytest.param(answers(500), {"when": ["server_error"]}, id="500"),
    pytest.param(answers(429), {"when": ["too_many"]}, id="429"),
    pytest.param(answers(418), {"statuses": [418]}, id="a status of one's own"),
])
def test_an_attempt_that_fails_is_repeated(start, origin, how, retry):
    address = routed(start, origin, retry=FAST | {"attempts": 2} | retry)
    script, calls = failing(1, how)
    response = ask(address, f"GET {origin.case(script)}")
    assert (response.status, response.body, len(calls)) == (200, b"at last", 2)


def test_attempts_have_an_end(start, origin):
    address = routed(start, origin, retry=FAST | {"attempts": 2, "when": ["server_error", "reset"]})
    script, calls = failing(100, answers(500))
    assert ask(address, f"GET {origin.case(script)}").status == 500
    assert len(calls) == 3
    script, calls = failing(100, reset)
    assert ask(address, f"GET {origin.case(script)}").status in (502, 503)
    assert len(calls) == 3


def test_an_answer_is_not_repeated_unless_asked_for(start, origin):
    address = routed(start, origin, retry=FAST | {"attempts": 3})
    for status in (429, 500, 503):
        script, calls = failing(1, answers(status))
        assert ask(address, f"GET {origin.case(script)}").status == status
        assert len(calls) == 1


def test_what_is_not_idempotent_is_not_repeated(start, origin):
    address = routed(start, origin, retry=FAST | {"attempts": 3})
    script, calls = failing(1, reset)
    assert ask(address, f"POST {origin.case(script)}", b"x").status in (502, 503)
    assert len(calls) == 1
    # The control: unless it is asked for, and then with the whole body.
    address = routed(start, origin, retry=FAST | {"attempts": 3, "non_idempotent": True})
    script, calls = failing(2, reset)
    body = bytes(range(256)) * 100
    assert ask(address, f"POST {origin.case(script)}", body).status == 200
    assert [each.body for each in calls] == [body] * 3


def test_a_post_that_found_no_connection_is_repeated(start, origin):
    """No byte of it was sent, so that nothing can happen twice."""
    service = configs.service("s", free_port(), origin.port)
    route = configs.route("r", "s", retry=FAST | {"attempts": 1})
    address = start(configs.config([service], [route])).listener()
    path = origin.case()
    assert [ask(address, f"POST {path}", b"x").status for _ in range(10)] == [200] * 10
    assert len(origin.seen(path)) == 10


def test_a_kept_connection_that_the_origin_has_closed_hides_well(start, origin):
    """The origin closes idle connections: the race is the gateway's to hide, for every method."""
    address = routed(start, origin, retry=FAST | {"attempts": 1})
    path = origin.case()
    for method in ("GET", "POST"):
        for _ in range(10):
            assert ask(address, f"{method} {path}", b"x" if method == "POST" else b"").status == 200
            origin.break_connections()


def test_an_answer_begun_is_not_repeated(start, origin):
    address = routed(start, origin, retry=FAST | {"attempts": 3, "when": ["reset", "server_error", "connect_failure"]})
    calls = []

    def half(exchange: Exchange):
        calls.append(1)
        exchange.send(b"HTTP/1.1 200 OK\r\ncontent-length: 10\r\n\r\nhalf")
        exchange.reset()
    with pytest.raises(Closed):
        if ask(address, f"GET {origin.case(half)}").status == 502:
            raise Closed(b"", False)
    assert calls == [1]


def test_a_slow_attempt_is_given_up(start, origin):
    address = routed(start, origin, timeouts={"per_try": "200ms"},
                     retry=FAST | {"attempts": 1, "when": ["per_try_timeout"]})
    script, calls = failing(1, lambda exchange: (exchange.wait_gone(), exchange.close()))
    assert ask(address, f"GET {origin.case(script)}").body == b"at last"
    script, calls = failing(5, lambda exchange: (exchange.wait_gone(), exchange.close()))
    assert ask(address, f"GET {origin.case(script)}").status == 504
    assert len(calls) == 2


def test_the_overall_time_covers_attempts_and_body(start, origin):
    address = routed(start, origin, timeouts={"overall": "400ms"})

    def drip(exchange: Exchange):
        exchange.send(b"HTTP/1.1 200 OK\r\ncontent-length: 1000\r\n\r\n")
        for _ in range(100):
            exchange.send(b"x")
            time.sleep(0.05)
    begin = time.monotonic()
    with pytest.raises(Closed):
        ask(address, f"GET {origin.case(drip)}")
    assert seconds_since(begin) < 3
    path = origin.case(lambda exchange: (exchange.wait_gone(), exchange.close()))
    assert ask(address, f"GET {path}").status == 504
    assert ask(address, f"GET {origin.case()}").status == 200


def test_the_budget_bounds_retries(start, origin):
    """Every request fails: without a budget each would be sent four times."""
    retry = {"attempts": 3, "when": ["server_error"], "budget_percent": 10, "budget_min": 1, "backoff_base": "50ms",
             "backoff_max": "100ms"}
    address = routed(start, origin, retry=retry)
    path = origin.case(fixed(b"no", 500))
    threads = [threading.Thread(target=ask, args=(address, f"GET {path}")) for _ in range(40)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert 41 <= len(origin.seen(path)) <= 100, len(origin.seen(path))


def test_clients_that_leave_give_their_retries_back(start, origin):
    """The budget is one retry at a time: whoever leaves while it waits for its turn must not keep it."""
    retry = {"attempts": 1, "when": ["server_error"], "budget_percent": 0, "budget_min": 1, "backoff_base": "1h", "backoff_max": "1h"}
    service = configs.service("s", origin.port)
    quick = configs.route("quick", "s", "/case", retry=retry | {"backoff_base": "1ms", "backoff_max": "1ms"})
    slow = configs.route("slow", "s", "/slow", retry=retry)
    address = start(configs.config([service], [quick, slow])).listener()
    origin.on("/slow", fixed(b"no", 500))
    origin.forget()
    for number in range(4):
        with Connection(address) as connection:
            connection.send(request("GET /slow"))
            origin.await_seen("/slow", number + 1)
    script, calls = failing(1, answers(500))
    until(lambda: ask(address, f"GET {origin.case(script)}").status == 200 or calls.clear(), "a retry is possible again")


@pytest.mark.parametrize("limits", [{"overall_timeout": "0"}, {"stream_timeout": "0"}, {"body_rate_min": 0},
                                    {"connection_lifetime": "0"}, {"body_bytes": 0}])
def test_zero_is_no_limit(start, origin, limits):
    address = start(configs.simple(origin.port, limits=limits)).listener()
    with Connection(address) as connection:
        for _ in range(3):
            response = connection.ask(f"POST {origin.case()}", b"x" * 200_000)
            assert response.status == 200 and not response.closes


def test_an_endpoint_that_fails_is_ejected_and_comes_back(start):
    with Origin(default=fixed(b"well")) as well, Origin(default=fixed(b"ill", 500)) as ill:
        service = configs.service("s", well.port, ill.port)
        service["outlier_ejection"] = {"consecutive_errors": 3, "ejection_time": "500ms"}
        address = start(configs.config([service], [configs.route("r", "s")], workers=1)).listener()
        for _ in range(20):
            ask(address, "GET /")
        assert len(ill.requests) <= 4, "it is asked on"
        assert [ask(address, "GET /").status for _ in range(10)] == [200] * 10
        ill.default = fixed(b"cured")
        until(lambda: ask(address, "GET /").body == b"cured", "it comes back")


def test_the_last_endpoint_is_not_ejected(start, origin):
    service = configs.service("s", origin.port)
    service["outlier_ejection"] = {"consecutive_errors": 1, "ejection_time": "1h", "ejected_percent_max": 50}
    address = start(configs.config([service], [configs.route("r", "s")])).listener()
    path = origin.case(fixed(b"no", 500))
    for _ in range(5):
        ask(address, f"GET {path}")
    # Of one endpoint, one half is none; or it is out, and the answer says so.
    assert ask(address, f"GET {origin.case()}").status in (200, 503)


def test_health_checks_take_out_and_bring_back(start):
    well = threading.Event()
    with Origin(default=fixed(b"a")) as a, Origin(default=fixed(b"b")) as b:
        b.on("/health", lambda exchange: exchange.answer(200 if well.is_set() else 500))
        a.on("/health", fixed(b"fine"))
        check = {"path": "/health", "interval": "100ms", "timeout": "1s", "unhealthy_threshold": 2, "healthy_threshold": 2}
        address = start(configs.config([configs.service("s", a.port, b.port, health_check=check)],
                                       [configs.route("r", "s")])).listener()
        until(lambda: {ask(address, "GET /").text() for _ in range(10)} == {"a"}, "the ill one is out")
        well.set()
        until(lambda: {ask(address, "GET /").text() for _ in range(10)} == {"a", "b"}, "the cured one is back")


def test_a_circuit_limits_what_is_on_its_way(start, origin):
    service = configs.service("s", origin.port, circuit={"requests_max": 2})
    address = start(configs.config([service], [configs.route("r", "s")])).listener()
    go = threading.Event()
    path = origin.case(lambda exchange: (go.wait(20), exchange.answer(200, b"ok")))
    held = [Connection(address) for _ in range(2)]
    for connection in held:
        connection.send(request(f"GET {path}"))
    origin.await_seen(path, 2)
    assert ask(address, f"GET {path}").status == 503
    go.set()
    assert [connection.read().status for connection in held] == [200, 200]
    assert ask(address, f"GET {path}").status == 200


def test_an_origin_killed_and_restarted_under_load(start):
    """Two endpoints, one of which dies and comes back: retries hide what can be hidden, that is, all of it for GET."""
    with Origin(default=fixed(b"a")) as a, Origin(default=fixed(b"b")) as b:
        service = configs.service("s", a.port, b.port)
        service["outlier_ejection"] = {"consecutive_errors": 2, "ejection_time": "200ms"}
        route = configs.route("r", "s", retry=FAST | {"attempts": 3})
        address = start(configs.config([service], [route])).listener()
        with Load(address, "GET /", threads=4) as load:
            for _ in range(4):
                before = load.answered
                b.stop()
                until(lambda: load.answered > before + 100, "answers while it is gone")  # pylint: disable=cell-var-from-loop
                b.start()
                before, seen = load.answered, len(b.requests)
                until(lambda: len(b.requests) > seen, "it is asked again")  # pylint: disable=cell-var-from-loop
        assert not load.failures, load.failures[:5]
        assert load.answered > 400


def test_the_only_origin_killed_and_restarted(start):
    with Origin(default=fixed(b"a")) as only:
        address = start(configs.simple(only.port)).listener()
        assert ask(address, "GET /").status == 200
        only.stop()
        assert ask(address, "GET /").status in (502, 503)
        only.start()
        until(lambda: ask(address, "GET /").status == 200, "it serves again", 3)


def test_an_early_answer_does_not_wait_for_the_body(start, origin):
    """The origin answers and closes before it has read: the client sees the answer."""
    address = routed(start, origin)

    def refuse(exchange: Exchange):
        exchange.answer(413, b"too much", [("connection", "close")])
        exchange.close()
    path = origin.case(refuse)
    with Connection(address) as connection:
        connection.try_send(request(f"POST {path}\ncontent-length: 5000000"))
        connection.try_send(b"x" * 1_000_000)
        assert connection.read().status == 413


def test_an_origin_that_is_too_slow_to_connect(start):
    """An address whose queue of connections is full: the attempt ends at its time."""
    import socket  # pylint: disable=import-outside-toplevel
    with socket.socket() as full:
        full.bind(("127.0.0.1", 0))
        full.listen(0)
        port = full.getsockname()[1]
        crowd = []
        for _ in range(4):
            waiting = socket.socket()
            waiting.setblocking(False)
            waiting.connect_ex(("127.0.0.1", port))
            crowd.append(waiting)
        service = configs.service("s", port, connect_timeout="300ms")
        address = start(configs.config([service], [configs.route("r", "s")])).listener()
        begin = time.monotonic()
        assert ask(address, "GET /").status in (502, 503, 504)
        assert seconds_since(begin) < 5
        for waiting in crowd:
            waiting.close()


def test_what_an_origin_breaks_is_counted_and_logged(start, origin):
    gateway = start(configs.simple(origin.port))
    path = origin.case(raw(b"garbage", then="close"))
    ask(gateway.listener(), f"GET {path}")
    line = until(lambda: next((each for each in gateway.access_log() if path in str(each)), None), "a line in the access log")
    assert line["status"] == 502 and "all" in str(line)
