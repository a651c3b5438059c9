# SPDX-License-Identifier: Apache-2.0
"""Traces: the context that services are told, and the spans that a collector gets over OTLP/HTTP."""
import json
import threading
from collections import deque

from harness import configs
from harness.origin import Exchange, Origin
from harness.ports import free_port
from harness.raw import ask
from harness.until import until

TRACE = "4bf92f3577b34da6a3ce929d0e0e4736"
PARENT = "00f067aa0ba902b7"


class Collector:
    """Takes spans as an OTLP/HTTP collector does; the first answers can be refusals."""

    def __init__(self, *refusals: int):
        self.refusals = deque(refusals)
        self.requests, self.spans = [], []
        self.lock = threading.Lock()
        self.origin = Origin(default=self.serve)

    def serve(self, exchange: Exchange):
        body = json.loads(exchange.body())
        with self.lock:
            self.requests.append(exchange.request)
            if self.refusals:
                return exchange.answer(self.refusals.popleft(), b"")
            for resource in body["resourceSpans"]:
                for scope in resource["scopeSpans"]:
                    self.spans += [{"resource": attributes(resource["resource"])} | span for span in scope["spans"]]
        return exchange.answer(200, b"{}", [("content-type", "application/json")])

    def wait(self, number: int) -> list[dict]:
        until(lambda: len(self.spans) >= number, f"{number} spans", 20)
        return self.spans


def attributes(of: dict) -> dict:
    return {each["key"]: next(iter(each["value"].values())) for each in of["attributes"]}


def traced(start, origin, port: int, **settings):
    """A gateway that exports to the port, with `settings` of its tracing."""
    config = configs.simple(origin.port)
    config["gateway"]["tracing"] = {"endpoint": f"http://127.0.0.1:{port}/v1/traces"} | settings
    return start(config)


def test_an_exchange_is_a_span_and_its_service_another(start, origin):
    collector = Collector()
    gateway = traced(start, origin, collector.origin.port, service_name="edge",
                     headers={"authorization": "Bearer s3cret"})
    path = origin.case()
    response = ask(gateway.listener(), f"POST {path}?key=1\ntraceparent: 00-{TRACE}-{PARENT}-01", b"four")
    assert response.status == 200
    told = origin.seen(path)[0].get("traceparent").split("-")

    server, client = sorted(collector.wait(2), key=lambda span: span["kind"])
    assert (server["traceId"], server["parentSpanId"], server["name"]) == (TRACE, PARENT, "POST all")
    assert (client["traceId"], client["parentSpanId"], client["spanId"]) == (TRACE, server["spanId"], told[2])
    assert told[:2] == ["00", TRACE] and told[3] == "01"
    assert int(server["startTimeUnixNano"]) <= int(client["startTimeUnixNano"]) <= int(client["endTimeUnixNano"])
    seen = attributes(server)
    assert seen["url.path"] == path  # The query, which may hold secrets, is not told.
    assert (seen["http.request.method"], seen["http.response.status_code"]) == ("POST", "200")
    assert (seen["http.request.body.size"], seen["mynah.outcome"]) == ("4", "completed")
    assert seen["mynah.request_id"] == response.get("x-request-id")
    assert server["resource"] == {"service.name": "edge"} and server["status"] == {}
    assert collector.requests[0].get("authorization") == "Bearer s3cret"
    assert collector.requests[0].get("content-type") == "application/json"
    until(lambda: any(line.get("trace") == TRACE for line in gateway.access_log()), "the trace in the access log")


def test_a_trace_begins_here_when_the_client_has_none(start, origin):
    collector = Collector()
    gateway = traced(start, origin, collector.origin.port)
    path = origin.case()
    ask(gateway.listener(), f"GET {path}")
    server, client = sorted(collector.wait(2), key=lambda span: span["kind"])
    assert "parentSpanId" not in server and client["parentSpanId"] == server["spanId"]
    assert origin.seen(path)[0].get("traceparent") == f"00-{server['traceId']}-{client['spanId']}-01"


def test_the_clients_decision_not_to_sample_stands(start, origin):
    collector = Collector()
    gateway = traced(start, origin, collector.origin.port)
    path, control = origin.case(), origin.case()
    ask(gateway.listener(), f"GET {path}\ntraceparent: 00-{TRACE}-{PARENT}-00")
    ask(gateway.listener(), f"GET {control}")
    collector.wait(2)
    assert all(span["traceId"] != TRACE for span in collector.spans)
    assert origin.seen(path)[0].get("traceparent").startswith(f"00-{TRACE}-")


def test_what_fails_is_marked(start):
    collector = Collector()
    with Origin() as origin:
        gateway = traced(start, origin, collector.origin.port)
    assert ask(gateway.listener(), "GET /").status == 502
    server = next(span for span in collector.wait(1) if span["kind"] == 2)
    assert server["status"] == {"code": 2} and attributes(server)["error.type"] == "service-unreachable"


def test_without_a_collector_the_context_passes_as_it_came(edge, origin):
    path = origin.case()
    ask(edge, f"GET {path}\ntraceparent: 00-{TRACE}-{PARENT}-01\ntracestate: a=b")
    request = origin.seen(path)[0]
    assert (request.get("traceparent"), request.get("tracestate")) == (f"00-{TRACE}-{PARENT}-01", "a=b")


def test_a_collector_that_asks_for_patience_gets_the_spans_later(start, origin):
    collector = Collector(503, 429)
    gateway = traced(start, origin, collector.origin.port)
    ask(gateway.listener(), f"GET {origin.case()}")
    collector.wait(2)
    assert len(collector.requests) == 3
    assert len(collector.spans) == 2


def test_a_collector_that_is_gone_costs_nothing_but_spans(start, origin):
    gateway = traced(start, origin, free_port())
    for _ in range(20):
        assert ask(gateway.listener(), f"GET {origin.case()}").status == 200
    until(lambda: gateway.metric("mynah_gateway_traced_exchanges_total", result="dropped") == 20, "dropped spans", 30)


def test_spans_of_the_last_exchanges_leave_before_the_gateway(start, origin):
    collector = Collector()
    gateway = traced(start, origin, collector.origin.port)
    ask(gateway.listener(), f"GET {origin.case()}")
    gateway.stop()
    assert len(collector.spans) == 2
