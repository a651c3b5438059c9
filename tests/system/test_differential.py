# SPDX-License-Identifier: Apache-2.0
"""The same plug-ins in Envoy and here, built with public SDKs, do the same to the same exchanges.

One plug-in for each SDK reads a script (tests/plugins/README.md): what to do in which phase of which scenario. Each
scenario is an exchange through a chain of two of them, and what client and services see of it is compared.
"""
import contextlib
import json

import pytest

from harness import configs
from harness.envoy import Envoy, cluster, wasm
from harness.origin import Origin
from harness.plugins import keep_compiled, sdk_plugin
from harness.program import Gateway
from harness.raw import Closed, ask

# Envoy leaves a length as it is: a plug-in that changes a body takes it away first.
ANY_LENGTH = "request_headers remove content-length"
GET, POST = "GET /path/to?key=value", "POST /path/to?key=value"

# Name: the request's head, its body, the script. A line is "PHASE ACTION …"; "2:" before it means the second plug-in.
SCENARIOS = {
    # Headers of requests
    "request-add": (GET, "", ["request_headers add x-new one"]),
    "request-add-to-one-that-is-there": (GET, "", ["request_headers add x-given two"]),
    "request-add-twice": (GET, "", ["request_headers add x-new one", "request_headers add x-new two"]),
    "request-replace": (GET, "", ["request_headers replace x-given two"]),
    "request-replace-what-is-not-there": (GET, "", ["request_headers replace x-new two"]),
    "request-replace-by-nothing": (GET, "", ["request_headers replace x-given"]),
    "request-remove": (GET, "", ["request_headers remove x-given"]),
    "request-remove-what-is-not-there": (GET, "", ["request_headers remove x-missing"]),
    "request-remove-all-of-a-name": (GET, "", ["request_headers remove x-twice"]),
    "request-copy": (GET, "", ["request_headers copy x-given x-copy"]),
    "request-copy-of-several": (GET, "", ["request_headers copy x-twice x-copy"]),
    "request-copy-of-nothing": (GET, "", ["request_headers copy x-missing x-copy"]),
    "request-names-have-no-case": (GET, "", ["request_headers replace X-Given two", "request_headers copy X-GIVEN x-copy"]),
    "request-count": (GET, "", ["request_headers count x-count"]),
    "request-path": (GET, "", ["request_headers replace :path /other?x=1"]),
    "request-authority": (GET, "", ["request_headers replace :authority other.example"]),
    "request-method": (GET, "", ["request_headers replace :method DELETE"]),
    "request-status-is-not-there": (GET, "", ["request_headers copy :status x-copy"]),
    "request-to-another-route": (GET, "", ["request_headers replace x-route other"]),
    "request-with-a-body-to-another-route": (POST, "hello", ["request_headers replace x-route other"]),
    "request-in-two-plugins": (GET, "", ["request_headers add x-order first", "2: request_headers add x-order second"]),
    "request-seen-by-the-second": (GET, "", ["request_headers replace x-given new", "2: request_headers copy x-given x-copy"]),
    # Bodies of requests
    "request-body-replaced": (POST, "hello", [ANY_LENGTH, "request_body gather", "request_body body entirely-different"]),
    "request-body-emptied": (POST, "hello", [ANY_LENGTH, "request_body gather", "request_body body"]),
    "request-body-prepended": (POST, "hello", [ANY_LENGTH, "request_body gather", "request_body prepend before-"]),
    "request-body-appended": (POST, "hello", [ANY_LENGTH, "request_body gather", "request_body append -after"]),
    "request-body-read-and-written": (POST, "hello", [ANY_LENGTH, "request_body gather", "request_body upper"]),
    "request-body-of-many-pieces": (POST, "x" * 200_000, [ANY_LENGTH, "request_body gather", "request_body upper"]),
    "request-body-in-two-plugins": (POST, "hello", [ANY_LENGTH, "request_body gather", "request_body append -1", "2: request_body gather",
                                                    "2: request_body append -2"]),
    "request-body-in-passing": (POST, "hello", ["request_body upper"]),
    # Answers in the service's place
    "local-answer": (GET, "", ["request_headers local 403 forbidden"]),
    "local-answer-to-a-body": (POST, "hello", ["request_headers local 403 forbidden"]),
    "local-answer-without-a-body": (GET, "", ["request_headers local 204"]),
    "local-answer-once-the-body-is-there": (POST, "hello", ["request_body gather", "request_body local 200 answered"]),
    "local-answer-of-the-second": (GET, "", ["2: request_headers local 429 slow-down"]),
    "local-answer-passes-responses": (GET, "", ["response_headers add x-seen first", "2: request_headers local 200 answered"]),
    "local-answer-instead-of-the-response": (GET, "", ["response_headers local 502 no-good"]),
    # Headers of responses
    "response-add": (GET, "", ["response_headers add x-new one"]),
    "response-add-twice": (GET, "", ["response_headers add x-new one", "response_headers add x-new two"]),
    "response-replace": (GET, "", ["response_headers replace x-up two"]),
    "response-remove": (GET, "", ["response_headers remove x-up"]),
    "response-only": (GET, "", ["response_headers only x-alone"]),
    "response-copy": (GET, "", ["response_headers copy x-up x-copy"]),
    "response-status": (GET, "", ["response_headers replace :status 418"]),
    "response-copy-of-the-status": (GET, "", ["response_headers copy :status x-copy"]),
    "response-in-two-plugins": (GET, "", ["response_headers add x-order first", "2: response_headers add x-order second"]),
    "response-to-head": ("HEAD /path", "", ["response_headers add x-new one"]),
    "response-not-found": ("GET /status/404", "", ["response_headers copy :status x-copy"]),
    "response-without-a-body": ("GET /status/204", "", ["response_headers add x-new one"]),
    # Bodies of responses
    "response-body-replaced": ("GET /fixed", "", ["response_headers remove content-length", "response_body gather",
                                                  "response_body body entirely-different"]),
    "response-body-prepended": ("GET /fixed", "", ["response_headers remove content-length", "response_body gather",
                                                   "response_body prepend before-"]),
    "response-body-appended": ("GET /fixed", "", ["response_headers remove content-length", "response_body gather",
                                                  "response_body append -after"]),
    "response-body-read-and-written": ("GET /fixed", "", ["response_headers remove content-length", "response_body gather",
                                                          "response_body upper"]),
    "response-body-in-pieces": ("GET /chunks", "", ["response_body upper"]),
    "response-body-in-two-plugins": ("GET /fixed", "", ["response_headers remove content-length", "response_body gather",
                                                        "response_body append -1", "2: response_body gather",
                                                        "2: response_body append -2"]),
    # Calls to services
    "call-then-on": (GET, "", ["request_headers call callout /answer", "request_headers pause", "reply take x-reply",
                               "reply resume request"]),
    "call-then-on-with-a-body": (POST, "hello", ["request_headers call callout /answer", "request_headers pause",
                                                 "reply take x-reply", "reply resume request"]),
    "call-then-answer": (GET, "", ["request_headers call callout /answer", "request_headers pause", "reply local 403 denied"]),
    "call-then-answer-to-a-body": (POST, "hello", ["request_headers call callout /answer", "request_headers pause",
                                                   "reply local 403 denied"]),
    "call-that-is-not-found": (GET, "", ["request_headers call callout /status/404", "request_headers pause", "reply take x-reply",
                                         "reply resume request"]),
    "call-that-breaks": (GET, "", ["request_headers call callout /break", "request_headers pause", "reply resume request"]),
    "call-to-nobody": (GET, "", ["request_headers call nobody /answer"]),
    "call-without-waiting": (GET, "", ["request_headers call callout /answer", "request_headers add x-new one"]),
    "call-from-the-body": (POST, "hello", ["request_body gather", "request_body call callout /answer", "request_body pause",
                                           "reply resume request"]),
    "call-from-the-response": (GET, "", ["response_headers call callout /answer", "response_headers pause", "reply take x-reply",
                                         "reply resume response"]),
    "call-from-the-response-then-answer": (GET, "", ["response_headers call callout /answer", "response_headers pause",
                                                     "reply local 502 no-good"]),
    "call-from-both-plugins": (GET, "", ["request_headers call callout /answer", "request_headers pause", "reply take x-one",
                                         "reply resume request", "2: request_headers call callout /answer",
                                         "2: request_headers pause", "2: reply take x-two", "2: reply resume request"]),
    # Properties and shared data
    "property-path": (GET, "", ["request_headers property request.path x-property"]),
    "property-url-path": (GET, "", ["request_headers property request.url_path x-property"]),
    "property-query": (GET, "", ["request_headers property request.query x-property"]),
    "property-host": (GET, "", ["request_headers property request.host x-property"]),
    "property-method": (GET, "", ["request_headers property request.method x-property"]),
    "property-scheme": (GET, "", ["request_headers property request.scheme x-property"]),
    "property-protocol": (GET, "", ["request_headers property request.protocol x-property"]),
    "property-useragent": (GET, "", ["request_headers property request.useragent x-property"]),
    "property-a-header": (GET, "", ["request_headers property request.headers.x-given x-property"]),
    "property-of-nothing": (GET, "", ["request_headers property no.such.thing x-property"]),
    "property-mtls": (GET, "", ["request_headers property connection.mtls x-property truth"]),
    "property-code-before-a-response": (GET, "", ["request_headers property response.code x-property number"]),
    "property-code": (GET, "", ["response_headers property response.code x-property number"]),
    "property-code-details": (GET, "", ["response_headers property response.code_details x-property"]),
    "property-a-response-header": (GET, "", ["response_headers property response.headers.x-up x-property"]),
    "property-size": (POST, "hello", ["response_headers property request.size x-property number"]),
    "property-set": (GET, "", ["request_headers set_property mine here", "response_headers property mine x-property"]),
    "property-set-for-the-second": (GET, "", ["request_headers set_property mine here", "2: request_headers property mine x-property"]),
    "shared-data": (GET, "", ["request_headers shared key value"]),
}
INFRASTRUCTURE = {"x-request-id", "x-forwarded-proto", "x-forwarded-for", "x-forwarded-host", "x-real-ip", "x-scenario"}
# What the SDK of AssemblyScript can do.
FEW_ACTIONS = {"add", "replace", "remove", "copy", "gather", "pause", "local", "property", "resume", "call", "take"}
NUMBERS = {"number", "truth"}


def needs_little(name: str) -> bool:
    told = [line.removeprefix("2: ").split() for line in SCENARIOS[name][2]]
    return all(words[1] in FEW_ACTIONS and words[-1] not in NUMBERS for words in told)


def serve_as(name: str):
    return lambda exchange: serve(exchange, name)


def serve(exchange, name: str):
    """A service: tells what it saw."""
    path = exchange.request.path
    body = exchange.body()
    if path.startswith("/status/"):
        return exchange.answer(int(path.rpartition("/")[2]), b"", [("x-up", "one")])
    if path == "/break":
        return exchange.reset()
    if path in ("/fixed", "/answer"):
        return exchange.answer(200, b"hello", [("x-up", "one")])
    if path == "/chunks":
        return exchange.send(b"HTTP/1.1 200 OK\r\nx-up: one\r\ntransfer-encoding: chunked\r\n\r\n3\r\none\r\n3\r\ntwo\r\n0\r\n\r\n")
    request = exchange.request
    seen = {"by": name, "method": request.method, "target": request.target, "host": request.get("host"),
            "fields": fields_of(request.fields), "body": body.decode()}
    return exchange.answer(200, json.dumps(seen).encode(), [("x-up", "one"), ("x-up-2", "two")])


def fields_of(fields) -> list:
    """The x-… fields that scenarios are about; several of a name are one, joined."""
    joined = {}
    for name, value in fields:
        if name.startswith("x-") and name not in INFRASTRUCTURE and not name.startswith("x-envoy"):
            joined.setdefault(name, []).append(value)
    return sorted((name, ",".join(values)) for name, values in joined.items())


def observe(address, name: str) -> dict:
    """What a client sees of a scenario, and what the services told it."""
    head, body, _ = SCENARIOS[name]
    lines = [head, "host: client.example", f"x-scenario: {name}", "x-given: one", "x-twice: a", "x-twice: b", "user-agent: tester"]
    if body:
        lines.append(f"content-length: {len(body)}")
    try:
        answer = ask(address, "\n".join(lines), body.encode())
    except Closed:
        return {"closed": True}
    return {"status": answer.status, "fields": fields_of(answer.fields), "body": answer.text()}


def script(place: str) -> str:
    """The configuration of one of the two plug-ins."""
    lines = []
    for name, (_, _, told) in SCENARIOS.items():
        for line in told:
            second = line.startswith("2: ")
            if second == (place == "second"):
                lines.append(f"{name} {line.removeprefix('2: ')}")
    return json.dumps({"do": lines})


@pytest.fixture(scope="module")
def origins():
    names = ("origin", "other", "callout")
    with contextlib.ExitStack() as stack:
        yield {name: stack.enter_context(Origin(default=serve_as(name))) for name in names}


@contextlib.contextmanager
def running(sdk: str, origins: dict, tmp_path_factory):
    """Envoy and a gateway with the plug-in of one SDK, twice in the chain."""
    file = sdk_plugin(sdk)
    folder = tmp_path_factory.mktemp(sdk)
    routes = [{"match": {"prefix": "/", "headers": [{"name": "x-route", "string_match": {"exact": "other"}}]},
               "route": {"cluster": "other"}},
              {"match": {"prefix": "/"}, "route": {"cluster": "origin"}}]
    places = ("first", "second")
    services = [configs.service(name, each.port) for name, each in origins.items()]
    plugins = [{"id": place, "wasm": str(file), "priority": 100 - at, "config": json.loads(script(place))}
               for at, place in enumerate(places)]
    ours = configs.config(services, [configs.route("other", "other", match={"headers": [{"name": "x-route", "exact": "other"}]}),
                                     configs.route("all", "origin")], plugins=plugins, workers=1)
    with Envoy(folder / "envoy", routes, [cluster(name, each.port) for name, each in origins.items()],
               [wasm(place, file, script(place)) for place in places]) as envoy, \
            Gateway(ours, keep_compiled(folder / "mynah"), ready_in=60) as gateway:
        yield envoy, gateway


@pytest.fixture(scope="module", params=["rust", "go"])
def both(request, origins, tmp_path_factory):
    with running(request.param, origins, tmp_path_factory) as pair:
        yield pair


@pytest.fixture(scope="module")
def both_with_assemblyscript(origins, tmp_path_factory):
    with running("assemblyscript", origins, tmp_path_factory) as pair:
        yield pair


def compare(pair, name: str):
    envoy, gateway = pair

    expected = observe(envoy.listener(), name)

    assert observe(gateway.listener(), name) == expected
    gateway.check()


@pytest.mark.parametrize("name", SCENARIOS)
def test_the_same_is_seen_through_envoy_and_here(both, name):
    compare(both, name)


@pytest.mark.parametrize("name", [name for name in SCENARIOS if needs_little(name)])
def test_the_same_is_seen_with_assemblyscript(both_with_assemblyscript, name):
    compare(both_with_assemblyscript, name)
