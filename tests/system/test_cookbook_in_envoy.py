# SPDX-License-Identifier: Apache-2.0
"""The plug-ins of the cookbook do the same to the same exchanges here and in Envoy."""
import json
import shutil

import pytest

from harness import configs
from harness.envoy import Envoy, cluster, wasm
from harness.origin import Origin, fixed
from harness.program import BINARY, ROOT, Gateway, run
from harness.raw import ask

MODULES = BINARY.parent.parent / "plugins"
KIT = BINARY.parent.parent / "sdk-kit/lib/libmynah.a"
pytestmark = pytest.mark.skipif(not KIT.exists(), reason="this preset builds no WebAssembly")

COMPLETION = b'{"choices": [{"message": {"content": "hi"}}], "usage": {"total_tokens": 7}}'
EVENTS = b'data: {"choices": []}\n\ndata: {"usage": {"total_tokens": 9}}\n\ndata: [DONE]\n\n'
JWT = ("eyJhbGciOiJIUzI1NiIsInR5cCI6IkpXVCJ9.eyJzdWIiOiIxMjM0NTY3ODkwIiwibmFtZSI6IkpvaG4gRG9lIiwiaWF0IjoxNTE2MjM5MDIyfQ."
       "SflKxwRJSMeKKF2QT4fwpMeJf36POk6yJV_adQssw5c")

# Plug-in, configuration, what the service answers, the request's head and body.
EXCHANGES = {
    "hello": ("hello", {"greeting": "good day"}, fixed(b"answer"), "GET", ""),
    "key-shown": ("key-check", {"consumers": [{"name": "ann", "key": "a-long-key"}]}, None, "GET\nx-api-key: a-long-key", ""),
    "key-missing": ("key-check", {"consumers": [{"name": "ann", "key": "a-long-key"}]}, None, "GET", ""),
    "variant": ("variant", {"variants": [{"name": "a"}, {"name": "b"}]}, None, "GET\nx-user: carol", ""),
    "words": ("replace-words", {"words": {"cat": "dog"}}, fixed(b"the cat", fields=[("content-type", "text/plain")]), "GET", ""),
    "redact": ("redact", {}, fixed(b"a key: sk-abc123 end"), "GET", ""),
    "tokens": ("token-counter", {}, fixed(COMPLETION, fields=[("content-type", "application/json")]), "GET", ""),
    "tokens-streamed": ("token-counter", {}, fixed(EVENTS, fields=[("content-type", "text/event-stream")]), "GET", ""),
    "latency": ("latency", {}, fixed(b"answer"), "GET", ""),
    "prompt": ("system-prompt", {"prompt": "be brief"}, None, "POST\ncontent-type: application/json",
               '{"messages": [{"role": "user", "content": "hi"}]}'),
    "token-right": ("token-check", {"secret": "your-256-bit-secret"}, None, f"GET\nauthorization: Bearer {JWT}", ""),
    "token-wrong": ("token-check", {"secret": "another secret, long"}, None, f"GET\nauthorization: Bearer {JWT}", ""),
    "other-model": ("other-model", {"service": {"serviceName": "callout"}, "model": "small"}, fixed(b"busy", 429),
                    "POST\ncontent-type: application/json", '{"model": "large"}'),
    "enrich": ("enrich", {"directory": {"serviceName": "callout"}}, None, "GET\nx-user: ann", ""),
}


@pytest.fixture(scope="module")
def origin():
    """One of their own: what Envoy sends is not what others are to judge."""
    with Origin() as own:
        yield own


SEEN = ("x-greeting", "x-variant", "x-user", "x-user-group", "x-mse-consumer", "x-api-key")


def tell(exchange):
    """A service: tells what it saw of what plug-ins do."""
    body = exchange.body().decode()
    fields = {name: exchange.request.get(name) for name in SEEN}
    exchange.answer(200, json.dumps({"method": exchange.request.method, "body": body, "fields": fields}).encode())


def callout(exchange):
    exchange.body()
    exchange.answer(200, b'{"group": "staff"}')


def observe(address, path: str, name: str) -> dict:
    _, _, _, head, body = EXCHANGES[name]
    method, *fields = head.split("\n")
    if body:
        fields.append(f"content-length: {len(body)}")
    answer = ask(address, "\n".join([f"{method} {path}", "host: client.example", *fields]), body.encode())
    return {"status": answer.status, "body": answer.text(), "fields": {each: answer.get(each) for each in SEEN}}


def in_envoy(folder, module, config, path, name, ports) -> dict:
    route = {"match": {"prefix": "/"}, "route": {"cluster": "origin"}}
    clusters = [cluster(each, port) for each, port in ports.items()]
    with Envoy(folder, [route], clusters, [wasm(module.stem, module, json.dumps(config))]) as envoy:
        return observe(envoy.listener(), path, name)


@pytest.mark.parametrize("name", EXCHANGES)
def test_a_plugin_does_the_same_in_both(name, origin, tmp_path):
    plugin, config, script, _, _ = EXCHANGES[name]
    path = origin.case(script or tell)
    module = MODULES / f"{plugin}.wasm"
    side = origin.case(callout)
    config = {**config, "path": side + "/"} if name == "enrich" else config
    origin.on(side + "/ann", callout)
    ports = {"origin": origin.port, "callout": origin.port}
    services = [configs.service(each, port) for each, port in ports.items()]
    ours = configs.config(services, [configs.route("all", "origin")],
                          plugins=[{"id": plugin, "wasm": str(module), "config": config}])

    with Gateway(ours, tmp_path / "gateway") as gateway:
        here = observe(gateway.listener(), path, name)
    there = in_envoy(tmp_path / "envoy", module, config, path, name, ports)

    assert here == there
    assert not origin.garbage


def test_without_redis_a_module_loads_in_envoy_and_says_so_once(origin, tmp_path):
    folder = shutil.copytree(ROOT / "examples/plugins/quota", tmp_path / "quota")
    built = run("plugin", "build", "--without-redis", str(folder), seconds=120)
    assert built.returncode == 0, built.stderr
    path = origin.case(fixed(b"answer"))
    route = {"match": {"prefix": "/"}, "route": {"cluster": "origin"}}

    with Envoy(tmp_path / "envoy", [route], [cluster("origin", origin.port)],
               [wasm("quota", folder / "build/quota-without-redis.wasm", '{"requests": 1}')]) as envoy:
        answers = [ask(envoy.listener(), f"GET {path}\nhost: a") for _ in range(3)]
        said = envoy.said()

    assert [answer.status for answer in answers] == [200, 200, 200]
    assert said.count("built for a host without Redis") == 1
