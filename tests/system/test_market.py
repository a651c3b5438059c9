# SPDX-License-Identifier: Apache-2.0
"""Plug-ins as goods: publishing, enabling, switching versions, deleting, by command and by call; and what a kill leaves."""
import json
import random
import re
import threading

import httpx
import pytest

from harness import configs
from harness.load import Load
from harness.modules import module
from harness.program import ADMIN_TOKEN, BINARY, ROOT, run
from harness.raw import ask
from harness.until import until

KIT = BINARY.parent.parent / "sdk-kit/lib/libmynah.a"
needs_kit = pytest.mark.skipif(not KIT.exists(), reason="this preset builds no WebAssembly")
SCHEMA = {"type": "object", "properties": {"limit": {"type": "integer", "minimum": 1}}, "additionalProperties": False}


class Market:
    """The calls of the API, and the commands."""

    def __init__(self, gateway):
        host, port = gateway.console()
        self.url = f"http://{host}:{port}"
        self.client = httpx.Client(base_url=f"{self.url}/api/v1", headers={"authorization": f"Bearer {ADMIN_TOKEN}"},
                                   timeout=60, trust_env=False)

    def publish(self, wasm: bytes, file_name: str = "plugin.wasm", **fields):
        return self.client.post("/plugins", files={"wasm": (file_name, wasm)}, data=fields)

    def enable(self, plugin: str, scope: str = "global", **wish):
        return self.client.put(f"/plugins/{plugin}/bindings/{scope}", json=wish)

    def command(self, *words: str, seconds: float = 60):
        return run("plugin", *words, "--server", self.url, env={"MYNAH_TOKEN": ADMIN_TOKEN}, seconds=seconds)


@pytest.fixture
def gateway(start, origin):
    return start(configs.config([configs.service("origin", origin.port)],
                                [configs.route("chat", "origin", "/chat"), configs.route("all", "origin")]))


@pytest.fixture
def market(gateway):
    return Market(gateway)


def start_again(gateway):
    """It is ready when it says so anew."""
    (gateway.folder / "stdout").unlink()
    gateway.start()


def refusal(response) -> tuple[int, str]:
    return response.status_code, response.json()["error"]["code"]


def test_a_module_that_says_what_it_is_needs_no_fields(market):
    published = market.publish(module(id="goods", version="1.0.0", name="Goods", priority=310, schema=SCHEMA))

    assert published.status_code == 201, published.text
    shown = market.client.get("/plugins/goods").json()
    assert (shown["name"], shown["priority"], shown["stage"], shown["origin"]) == ("Goods", 310, "default", "published")
    assert [each["version"] for each in shown["versions"]] == ["1.0.0"] and shown["schema"] == SCHEMA
    wasm = market.client.get("/plugins/goods/versions/1.0.0/wasm")
    assert wasm.content == module(id="goods", version="1.0.0", name="Goods", priority=310, schema=SCHEMA)


def test_fields_of_the_form_win_over_the_module(market):
    published = market.publish(module(id="goods", version="1.0.0"), id="wares", version="2.0.0", stage="authz", priority="-20",
                               description="what they do", version_description="the first", language="C++")

    assert published.status_code == 201, published.text
    assert published.json()["stage"] == "authz" and published.json()["priority"] == -20
    assert market.client.get("/plugins/goods").status_code == 404
    assert market.client.get("/plugins/wares/versions/2.0.0").json()["version_description"] == "the first"


def test_published_versions_do_not_change(market):
    first = market.publish(module(id="goods", version="1.0.0"))
    again = market.publish(module(id="goods", version="1.0.0"))
    other = market.publish(module(0, id="goods", version="1.0.0"))

    assert (first.status_code, again.status_code) == (201, 200)
    assert refusal(other) == (409, "version-exists")


@pytest.mark.parametrize("wasm, fields, expected", [
    (b"(module)", {}, (422, "text-format")),
    (b"GIF89a", {}, (422, "not-webassembly")),
    (b"\0asm\x0d\0\1\0", {}, (422, "component")),
    (module(id="a-b", version="1")[:-1], {}, (422, "truncated")),
    (module(), {}, (422, "missing-field")),
    (module(), {"id": "goods"}, (422, "missing-field")),
    (module(), {"id": "../../etc", "version": "1"}, (422, "bad-id")),
    (module(), {"id": "goods", "version": "one"}, (422, "bad-version")),
    (module(), {"id": "goods", "version": "1", "stage": "late"}, (422, "bad-stage")),
    (module(), {"id": "goods", "version": "1", "priority": "high"}, (422, "bad-priority")),
    (module(), {"id": "goods", "version": "1", "min_gateway_version": "99"}, (422, "not-for-this-gateway")),
    (module(), {"id": "goods", "version": "1", "colour": "red"}, (400, "bad-form")),
    (module(0, id="goods", version="1", example={}), {}, (422, "fails-on-its-example")),
])
def test_refusals_have_a_code_a_sentence_and_a_remedy(market, wasm, fields, expected):
    refused = market.publish(wasm, **fields)

    assert refusal(refused) == expected, refused.text
    error = refused.json()["error"]
    assert error["message"] and (refused.status_code == 400 or error["details"]["remedy"])
    assert not [each for each in market.client.get("/plugins").json()["items"] if each["origin"] == "published"]


def test_names_that_are_no_modules_and_forms_that_are_none(market):
    assert refusal(market.publish(module(id="goods", version="1"), "goods.zip")) == (422, "not-a-wasm-name")
    posted = market.client.post("/plugins", content=b"--x", headers={"content-type": "multipart/form-data; boundary=B"})
    assert refusal(posted) == (400, "bad-form")
    assert market.client.post("/plugins", data={"id": "goods"}).status_code in (400, 415)


def test_a_configuration_is_checked_by_schema_and_by_a_trial_start(market):
    market.publish(module(id="goods", version="1.0.0", schema=SCHEMA))
    market.publish(module(0, id="shy", version="1.0.0"))

    misfit = market.enable("goods", config={"limit": 0})
    shy = market.enable("shy")

    assert refusal(misfit) == (422, "config-refused")
    assert misfit.json()["error"]["details"]["misfits"] == [{"path": "limit", "reason": "must be at least 1"}]
    assert refusal(shy) == (422, "not-live") and "refused its configuration" in shy.json()["error"]["message"]
    assert refusal(market.enable("goods", "route:nowhere"))[0] == 422
    assert refusal(market.enable("goods", "everywhere"))[0] == 422
    assert refusal(market.enable("nothing")) == (404, "not-found")
    assert refusal(market.enable("goods", version="7.0.0")) == (404, "not-found")
    assert not market.client.get("/plugins/goods").json()["bindings"]


def test_what_is_in_use_is_not_deleted(market):
    market.publish(module(id="goods", version="1.0.0"))
    assert market.enable("goods", "route:chat").status_code == 200

    refused = market.client.delete("/plugins/goods")

    assert refusal(refused) == (409, "in-use") and refused.json()["error"]["details"]["where"] == ["route:chat"]
    assert market.client.delete("/plugins/goods/bindings/route:chat").status_code == 204
    assert market.client.delete("/plugins/goods").status_code == 204
    assert market.client.get("/plugins/goods").status_code == 404


def test_a_version_that_does_not_take_the_configuration_in_use_waits(market):
    market.publish(module(id="goods", version="1.0.0"))
    market.enable("goods")

    published = market.publish(module(0, id="goods", version="1.1.0"))

    assert published.status_code == 201 and "refused its configuration" in published.json()["not_live"]
    assert market.client.get("/plugins/goods").json()["runs"] == "1.0.0"
    assert market.publish(module(id="goods", version="1.2.0")).json()["in_use"]
    assert market.client.get("/plugins/goods").json()["runs"] == "1.2.0"


def test_uploads_are_for_those_who_manage_the_gateway(market):
    market.publish(module(id="goods", version="1.0.0"))
    stranger = httpx.Client(base_url=market.client.base_url, trust_env=False)

    for path in ("/plugins", "/plugins/goods", "/plugins/goods/versions/1.0.0", "/plugins/goods/versions/1.0.0/wasm"):
        assert stranger.get(path).status_code == 401
    assert stranger.put("/plugins/goods/bindings/global", json={}).status_code == 401


def test_a_plugin_belongs_to_a_person_whichever_token_they_use(gateway, market):
    def with_token(name: str, user: str) -> Market:
        mine = Market(gateway)
        secret = market.client.put(f"/tokens/{name}", json={"user": user, "scope": "write"}).json()["token"]
        mine.client.headers["authorization"] = f"Bearer {secret}"
        return mine

    for user in ("mia", "ben"):
        market.client.put(f"/users/{user}", json={"password": "battery staple", "permissions": ["manage"]})
    at_work, at_home, ben = with_token("work", "mia"), with_token("home", "mia"), with_token("ben", "ben")

    assert at_work.publish(module(id="goods", version="1.0.0")).status_code == 201

    assert market.client.get("/plugins/goods").json()["owner"] == "mia"
    assert at_home.publish(module(id="goods", version="1.1.0")).status_code == 201
    assert refusal(ben.publish(module(id="goods", version="1.2.0"))) == (409, "id-taken")
    assert refusal(ben.client.delete("/plugins/goods")) == (409, "id-taken")
    assert at_home.client.delete("/plugins/goods").status_code == 204


def test_what_is_published_and_enabled_survives_a_restart(gateway, market):
    market.publish(module(id="goods", version="1.0.0"))
    assert market.enable("goods", "route:chat", version="1.0.0").status_code == 200

    gateway.stop()
    start_again(gateway)

    shown = market.client.get("/plugins/goods").json()
    assert shown["runs"] == "1.0.0" and not shown["follows"]
    assert [each["scope"] for each in shown["bindings"]] == ["route:chat"]


def test_a_kill_leaves_whole_versions_only(gateway, market):
    """Two hundred versions are published while the gateway is killed at random moments, the same ones in every run."""
    dice = random.Random(7)
    published = set()

    def one(version: int):
        try:
            if market.publish(module(id="goods", version=f"1.0.{version}")).status_code == 201:
                published.add(f"1.0.{version}")
        except httpx.TransportError:
            pass  # It was killed in the midst of it.

    version = 0
    while version < 200:
        batch = dice.randrange(8, 30)
        threads = [threading.Thread(target=one, args=(number,)) for number in range(version, min(version + batch, 200))]
        for thread in threads:
            thread.start()
        for thread in threads[:dice.randrange(len(threads))]:
            thread.join()
        gateway.kill()
        for thread in threads:
            thread.join()
        version += batch
        start_again(gateway)
        found = {each["version"] for each in market.client.get("/plugins/goods").json().get("versions", [])}
        assert published <= found
        for each in dice.sample(sorted(found), min(5, len(found))):
            assert market.client.get(f"/plugins/goods/versions/{each}/wasm").content == module(id="goods", version=each)
        files = list((gateway.folder / "data/plugins/modules").iterdir())
        assert len(files) == len(found), "files of no version are swept away"


def test_commands_say_what_is_refused_and_what_to_do(market, tmp_path):
    bad = tmp_path / "bad.wasm"
    bad.write_bytes(b"(module)")

    refused = market.command("publish", str(bad))

    assert refused.returncode == 1 and not refused.stdout
    assert refused.stderr.startswith("text-format: ") and "what to do: " in refused.stderr
    assert market.command("show", "nothing").returncode == 1
    assert run("plugin", "publish").returncode == 2
    for command in ("publish", "list", "show", "enable", "disable", "delete", "export"):
        assert run("plugin", command, "--help").returncode == 0


def test_exports_are_what_other_gateways_read(market, tmp_path):
    file = tmp_path / "goods.wasm"
    file.write_bytes(module(id="goods", version="1.0.0", schema=SCHEMA, stage="authz"))
    assert market.command("publish", str(file)).returncode == 0
    assert market.command("enable", "goods", "--config", '{"limit": 3}').returncode == 0
    assert market.command("enable", "goods", "--scope", "route:chat", "--config", '{"limit": 5}').returncode == 0

    document = market.command("export", "goods", "--url", "oci://registry.example/goods:1.0.0",
                              "--wasm", str(tmp_path / "copy.wasm"))
    envoy = market.command("export", "goods", "--as", "envoy", "--url", "file:///etc/envoy/goods.wasm")

    assert (tmp_path / "copy.wasm").read_bytes() == file.read_bytes()
    for said in ("kind: WasmPlugin", "phase: AUTHZ", "failStrategy: FAIL_CLOSE", 'defaultConfig: {"limit":3}',
                 'ingress: ["chat"]', 'config: {"limit":5}'):
        assert said in document.stdout, document.stdout
    inner = json.loads(json.loads(re.search(r"value: (.*)", envoy.stdout).group(1)))
    assert inner == {"limit": 3, "_rules_": [{"_match_route_": ["chat"], "limit": 5}]}
    assert 'filename: "/etc/envoy/goods.wasm"' in envoy.stdout


@needs_kit
def test_the_journey_of_the_guide(gateway, market, origin, tmp_path):
    """docs/guide/marketplace.md, command by command, under load."""
    guide = (ROOT / "docs/guide/marketplace.md").read_text()
    folder = tmp_path / "greeter"
    path = origin.case()

    def do(line: str) -> str:
        """A command as the guide has it; `$` lines stand there with this very text."""
        assert f"$ mynah {line}\n" in guide, line
        words = [str(folder) if word == "greeter/" else word.strip("'") for word in re.findall(r"'[^']*'|\S+", line)]
        local = words[1] in ("new", "build", "test")
        more = ["--in", str(tmp_path)] if words[1] == "new" else []
        done = run(*words, *more, seconds=240) if local else market.command(*words[1:], seconds=240)
        assert done.returncode == 0, done.stderr
        return done.stdout

    def greeting(where: str = "/chat") -> str | None:
        return ask(gateway.listener(), f"GET {where}{path}").get("x-greeting")

    do("plugin new greeter")
    do("plugin build greeter/")
    do("plugin test greeter/")
    with Load(gateway.listener(), f"GET /chat{path}", threads=2) as load:
        do("plugin publish greeter/")
        assert greeting() is None
        do("plugin enable greeter --scope route:chat")
        until(lambda: greeting() == "hello", "the first version runs")
        assert greeting("") is None
        source = folder / "greeter.cc"
        source.write_text(source.read_text().replace("0.1.0", "0.2.0").replace('greeting = "hello"', 'greeting = "good evening"'))
        do("plugin publish greeter/")
        until(lambda: greeting() == "good evening", "the second version runs")
        do("plugin enable greeter --scope route:chat --version 0.1.0")
        until(lambda: greeting() == "hello", "the first version is back")
        do("plugin enable greeter --scope route:chat --version newest --config '{\"greeting\": \"hi\"}'")
        until(lambda: greeting() == "hi", "the configuration is in force")
        assert "greeter" in do("plugin list")
        assert "0.2.0" in do("plugin show greeter")
        assert "WasmPlugin" in do("plugin export greeter")
        do("plugin disable greeter --scope route:chat")
        until(lambda: greeting() is None, "it runs no more")
        do("plugin delete greeter")
    assert load.answered > 0 and not load.failures, load.failures[:5]
