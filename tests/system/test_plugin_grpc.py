# SPDX-License-Identifier: Apache-2.0
"""gRPC calls and streams of plug-ins, with a server of the reference implementation."""
import json
import threading
from concurrent import futures

import grpc
import pytest

from harness import configs
from harness.envoy import Envoy, cluster, wasm
from harness.plugins import probe
from harness.ports import free_port
from harness.program import BINARY, run
from harness.raw import ask
from harness.until import until

MESSAGE = 5  # the buffer of the ABI that holds a message


class Peer:
    """A server whose every call runs `handler(messages, context)`, which yields the answers."""

    def __init__(self, handler):
        self.handler = handler
        self.calls = []
        self.ended = threading.Event()
        self.server = grpc.server(futures.ThreadPoolExecutor(4))
        self.server.add_generic_rpc_handlers((self,))
        self.port = self.server.add_insecure_port("127.0.0.1:0")

    def service(self, details):
        self.calls.append(details)
        return grpc.stream_stream_rpc_method_handler(self.serve)

    def serve(self, messages, context):
        if not context.add_callback(self.ended.set):
            self.ended.set()
        yield from self.handler(messages, context)

    def __enter__(self):
        self.server.start()
        return self

    def __exit__(self, *_):
        self.server.stop(None).wait()


def greet(messages, context):
    context.send_initial_metadata((("x-begin", "1"),))
    context.set_trailing_metadata((("x-end", "2"),))
    for message in messages:
        yield b"hello " + message


def refuse(_messages, context):
    context.abort(grpc.StatusCode.NOT_FOUND, "no such thing")
    yield b""


def stay_silent(_messages, context):
    while context.is_active():
        threading.Event().wait(0.05)
    yield b""


@pytest.fixture
def serve(start, origin):
    """serve(port, script…) is a gateway with the probe, whose service "peer" is at that port."""
    def serve_one(port: int, *script: str, protocol: str = "h2", **more):
        return start(configs.config([configs.service("origin", origin.port), configs.service("peer", port, protocol=protocol)],
                                    [configs.route("all", "origin")], plugins=[probe(*script, **more)], workers=1))
    return serve_one


def says(gateway, *lines: str):
    for line in lines:
        until(lambda text=line: f'"{text}"' in gateway.said(), f"the plug-in says {line}")


def test_a_call_is_answered_and_lets_the_request_go_on(serve):
    with Peer(greet) as peer:
        gateway = serve(peer.port, "request_headers: grpc peer", "request_headers: return 1",
                        f"grpc_message: buffer {MESSAGE} 0 100", "grpc_message: continue 0")

        assert ask(gateway.listener(), "GET /").status == 200

        says(gateway, "grpc ok 1", "grpc_message 1 8", "buffer ok hello hi")
        assert [call.method for call in peer.calls] == ["/a.B/C"]


def test_a_call_that_is_refused_tells_status_and_message(serve):
    with Peer(refuse) as peer:
        gateway = serve(peer.port, "request_headers: grpc peer", "request_headers: return 1",
                        "grpc_close: status", "grpc_close: continue 0")

        assert ask(gateway.listener(), "GET /").status == 200

        says(gateway, "grpc_close 1 5", "status ok 5 no such thing")


def test_a_call_that_nobody_answers_ends_at_its_time_limit(serve):
    with Peer(stay_silent) as peer:
        gateway = serve(peer.port, "request_headers: grpc peer", "request_headers: return 1", "grpc_close: continue 0")

        assert ask(gateway.listener(), "GET /").status == 200

        says(gateway, "grpc_close 1 4")
        assert peer.ended.wait(10)


def test_a_call_to_a_peer_that_is_not_there_is_unavailable(serve):
    gateway = serve(free_port(), "request_headers: grpc peer", "request_headers: return 1", "grpc_close: continue 0")

    assert ask(gateway.listener(), "GET /").status == 200

    says(gateway, "grpc_close 1 14")


@pytest.mark.parametrize("service, protocol", [("nobody", "h2"), ("peer", "http1")])
def test_a_call_to_a_service_that_cannot_take_it_is_refused_at_once(serve, service, protocol):
    gateway = serve(free_port(), f"request_headers: grpc {service}", protocol=protocol)

    assert ask(gateway.listener(), "GET /").status == 200

    says(gateway, "grpc 2 0")
    until(lambda: f"service {service}" in gateway.said(), "the log names the service")


def test_a_stream_carries_messages_both_ways_until_both_have_ended(serve):
    with Peer(greet) as peer:
        gateway = serve(peer.port, "request_headers: grpc_stream peer", "request_headers: grpc_send 1 one 0",
                        "request_headers: return 1", "grpc_initial: get 4 x-begin", f"grpc_message: buffer {MESSAGE} 0 100",
                        "grpc_message: grpc_send 1 two 0", "grpc_message: grpc_close 1", "grpc_trailing: get 5 x-end",
                        "grpc_close: continue 0")

        assert ask(gateway.listener(), "GET /").status == 200

        says(gateway, "get ok 1", "buffer ok hello one", "buffer ok hello two", "get ok 2", "grpc_close 1 0")


def test_a_large_message_comes_whole(serve):
    def large(_messages, _context):
        yield b"x" * (1 << 20)

    with Peer(large) as peer:
        gateway = serve(peer.port, "request_headers: grpc peer", "request_headers: return 1", "grpc_message: continue 0")

        assert ask(gateway.listener(), "GET /").status == 200

        says(gateway, "grpc_message 1 1048576")


def test_a_message_over_the_limit_ends_the_call(serve):
    def huge(_messages, _context):
        yield b"x" * (17 << 20)

    with Peer(huge) as peer:
        gateway = serve(peer.port, "request_headers: grpc peer", "request_headers: return 1", "grpc_close: continue 0")

        assert ask(gateway.listener(), "GET /").status == 200

        says(gateway, "grpc_close 1 8")


def test_a_stream_that_the_plugin_cancels_ends_at_the_peer(serve):
    with Peer(stay_silent) as peer:
        gateway = serve(peer.port, "request_headers: grpc_stream peer", "response_headers: grpc_cancel 1")

        assert ask(gateway.listener(), "GET /").status == 200

        says(gateway, "grpc_cancel ok")
        assert peer.calls == [] or peer.ended.wait(10)
        assert "grpc_close" not in gateway.said()


def test_a_stream_ends_with_its_machine(serve):
    with Peer(stay_silent) as peer:
        gateway = serve(peer.port, "request_headers: grpc_stream peer")
        ask(gateway.listener(), "GET /")
        until(lambda: peer.calls, "the stream has come")
        changed = gateway.config | {"plugins": [gateway.config["plugins"][0] | {"environment": {"NEW": "1"}}]}

        gateway.reload(changed)

        assert peer.ended.wait(20)


KIT = BINARY.parent.parent / "sdk-kit/lib/libmynah.a"
needs_kit = pytest.mark.skipif(not KIT.exists(), reason="this preset builds no WebAssembly")
AWAITS = r"""
#include <mynah/grpc.h>
#include <mynah/plugin.h>
using namespace mynah;
struct Config {
  static void describe(Schema<Config>&) {}
};
Task<> serve(const Config&, Exchange& x) {
  const Header metadata[] = {{"x-from", "plug-in"}};
  const auto reply = co_await grpc::call("peer", "a.B", "C", "hi", {.metadata = metadata, .timeout = std::chrono::seconds(3)});
  const std::string said = reply ? reply->str() : cat(name_of(reply.error().code), ": ", reply.error().what);
  x.reply({.status = 200, .body = said});
}
MYNAH_PLUGIN(Config, serve, {.id = "awaits", .title = "Awaits"});
"""


@pytest.fixture(scope="module")
def awaits(tmp_path_factory):
    folder = tmp_path_factory.mktemp("awaits")
    (folder / "awaits.cc").write_text(AWAITS)
    built = run("plugin", "build", str(folder), seconds=240)
    assert built.returncode == 0, built.stderr
    return folder / "build/awaits.wasm"


@needs_kit
@pytest.mark.parametrize("handler, said", [
    (greet, "hello hi"), (refuse, 'not-found: "peer" answers with gRPC status 5: no such thing'),
    (stay_silent, "timeout")])  # Envoy tells a lack of time as "unavailable"
def test_a_plugin_of_the_sdk_awaits_a_call_here_and_in_envoy(awaits, start, origin, tmp_path, handler, said):
    with Peer(handler) as peer:
        gateway = start(configs.config(
            [configs.service("origin", origin.port), configs.service("peer", peer.port, protocol="h2")],
            [configs.route("all", "origin")], plugins=[{"id": "awaits", "wasm": str(awaits)}], workers=1))
        here = ask(gateway.listener(), "GET /").text()
        route = {"match": {"prefix": "/"}, "route": {"cluster": "origin"}}
        with Envoy(tmp_path / "envoy", [route], [cluster("origin", origin.port), cluster("peer", peer.port, http2=True)],
                   [wasm("awaits", awaits, json.dumps({}))]) as envoy:
            there = ask(envoy.listener(), "GET /\nhost: a").text()

    assert said in here
    assert said in there
