# SPDX-License-Identifier: Apache-2.0
"""A second attempt beside a slow first one: the first answer wins, the loser is cancelled, and what may not be sent twice
is not."""
import threading

import pytest

from harness import configs
from harness.origin import Exchange, Origin
from harness.raw import ask
from harness.until import until


class Racers:
    """Two endpoints of one service, whose requests are scripted in the order of their arrival."""

    def __init__(self, *scripts):
        self.scripts = list(scripts)
        self.calls = []
        self.lock = threading.Lock()
        self.endpoints = [Origin(default=self.serve), Origin(default=self.serve)]

    def serve(self, exchange: Exchange):
        exchange.body()
        with self.lock:
            self.calls.append(exchange.request)
            script = self.scripts[min(len(self.calls), len(self.scripts)) - 1]
        script(exchange)

    def routed(self, start, **route):
        service = configs.service("s", *(each.port for each in self.endpoints))
        hedge = {"hedge": {"after": "20ms"}}
        return start(configs.config([service], [configs.route("r", "s", **(hedge | route))]))

    def __enter__(self):
        return self

    def __exit__(self, *_):
        for each in self.endpoints:
            each.stop()


class Stuck:
    """Answers nothing, and notices that the gateway gives up."""

    def __init__(self):
        self.cancelled = threading.Event()

    def __call__(self, exchange: Exchange):
        if exchange.wait_gone(20):
            self.cancelled.set()


def says(body: bytes, status: int = 200):
    return lambda exchange: exchange.answer(status, body)


def test_the_first_answer_wins_and_the_loser_is_cancelled(start):
    stuck = Stuck()
    with Racers(stuck, says(b"second")) as racers:
        gateway = racers.routed(start)
        response = ask(gateway.listener(), "GET /")
        assert (response.status, response.body) == (200, b"second")
        assert stuck.cancelled.wait(10)
        assert [each.method for each in racers.calls] == ["GET", "GET"]
        until(lambda: any(line.get("attempts") == 2 for line in gateway.access_log()), "both attempts in the access log")


def test_a_quick_answer_is_asked_for_once(start):
    with Racers(says(b"first")) as racers:
        address = racers.routed(start, hedge={"after": "10s"}).listener()
        for _ in range(5):
            assert ask(address, "GET /").body == b"first"
        assert len(racers.calls) == 5


def test_attempts_beside_each_other_have_a_number(start):
    with Racers(Stuck(), Stuck(), says(b"third")) as racers:
        address = racers.routed(start, hedge={"after": "20ms", "attempts_max": 2}).listener()
        assert ask(address, "GET /").body == b"third"
        assert len(racers.calls) == 3


def test_an_answer_of_trouble_wins_only_when_nobody_else_is_asked(start):
    released = threading.Event()

    def troubled(exchange: Exchange):
        released.wait(10)
        exchange.answer(503, b"trouble")

    def late(exchange: Exchange):
        released.set()
        exchange.answer(200, b"well")

    with Racers(troubled, late) as racers:
        assert ask(racers.routed(start).listener(), "GET /").body == b"well"
    with Racers(says(b"trouble", 503)) as racers:
        assert ask(racers.routed(start).listener(), "GET /").status == 503
        assert len(racers.calls) == 1


def alone_after(released: threading.Event):
    def script(exchange: Exchange):
        released.wait(10)
        exchange.answer(200, b"alone")
    return script


def test_a_request_that_may_not_be_sent_twice_is_sent_once(start):
    released = threading.Event()
    with Racers(alone_after(released)) as racers:
        address = racers.routed(start).listener()
        threading.Timer(0.3, released.set).start()
        assert ask(address, "POST /", b"x").body == b"alone"
        assert len(racers.calls) == 1


def test_a_body_goes_to_all_when_the_route_says_that_it_may(start):
    with Racers(Stuck(), says(b"second")) as racers:
        address = racers.routed(start, retry={"attempts": 0, "non_idempotent": True}).listener()
        assert ask(address, "POST /", b"question").body == b"second"
        assert [each.body for each in racers.calls] == [b"question", b"question"]


@pytest.mark.parametrize("times", [1, 2])
def test_failures_are_retried_as_without_hedging(start, times):
    fail = Exchange.reset
    with Racers(*[fail] * times, says(b"at last")) as racers:
        address = racers.routed(start, retry={"attempts": 2, "backoff_base": "1ms", "budget_min": 100}).listener()
        assert ask(address, "GET /").body == b"at last"


def test_all_attempts_end_with_the_exchange(start):
    stuck = [Stuck(), Stuck()]
    with Racers(*stuck) as racers:
        address = racers.routed(start, timeouts={"overall": "300ms"}).listener()
        assert ask(address, "GET /").status == 504
        assert all(each.cancelled.wait(10) for each in stuck)


def test_hedges_keep_to_the_budget_of_retries(start):
    released = threading.Event()
    with Racers(alone_after(released)) as racers:
        address = racers.routed(start, retry={"attempts": 0, "budget_min": 0, "budget_percent": 0}).listener()
        threading.Timer(0.3, released.set).start()
        assert ask(address, "GET /").body == b"alone"
        assert len(racers.calls) == 1
