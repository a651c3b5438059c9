# SPDX-License-Identifier: Apache-2.0
"""ai-cache in the whole program: with nothing said, with the configuration of its forerunner's guide against stand-ins of
DashScope and DashVector and a real Redis, and with parts of it broken."""
import itertools
import json

import pytest

from harness import configs
from harness.program import run
from harness.raw import ask
from harness.redis import RedisServer
from harness.until import until
from standins.dash import DashScope, DashVector
from standins.provider import Provider

CLUSTER = "vrs-cn-test.dashvector.cn-hangzhou.aliyuncs.com"
GUIDE = {"dashScopeKey": "sk-1", "dashScopeServiceName": "qwen", "dashVectorCollection": "faq", "dashVectorEnd": CLUSTER,
         "dashVectorKey": "dv-1", "dashVectorServiceName": "DashVector.dns", "sessionID": "trial-1"}
PATIENT = {"lookupTimeout": 20000}
MANGO, MANGO_AGAIN = "How do I peel a mango?", "Could you please tell me how to peel a mango? Thanks!"
CAGE, CAGE_AGAIN = "Can rabbits and hamsters share a cage?", "Can hamsters and rabbits share a cage?"


@pytest.fixture(scope="module")
def provider():
    with Provider() as standing_in:
        yield standing_in
        assert not standing_in.failures, standing_in.failures


def caching(provider, config: dict | None, *services: dict) -> dict:
    return configs.config([configs.service("llm", provider.port), *services], [configs.route("chat", "llm", "/v1/")],
                          workers=1, plugins=[{"id": "ai-cache", "config": config or {}}])


def question(gateway, text: str, **more):
    """The answer's text, and what x-mynah-cache says of it: "" when the model was asked."""
    body = {"model": "m", "messages": [{"role": "user", "content": text}]} | more
    response = ask(gateway.listener(), "POST /v1/chat/completions\ncontent-type: application/json", json.dumps(body).encode())
    assert response.status == 200, response.body
    told = response.get("x-mynah-cache") or ""
    assert response.get("x-cache-status") == ("hit" if told else "miss")
    if not body.get("stream"):
        return json.loads(response.body)["choices"][0]["message"]["content"], told.partition(";")[0]
    events = [line[5:].strip() for line in response.body.decode().splitlines() if line.startswith("data:")]
    assert events[-1] == "[DONE]"
    choices = [json.loads(event)["choices"] for event in events[:-1]]
    return "".join(each[0]["delta"].get("content", "") for each in choices if each), told.partition(";")[0]


def count(gateway, name: str) -> float:
    return gateway.metric("mynah_plugin_count_total", name=f"ai_cache_{name}")


def learn(gateway, text: str, *, part: str = "indexed", **more):
    """Asks, and waits until all of the answer is kept: that goes on after the client has it."""
    before = count(gateway, part)
    assert question(gateway, text, **more) == (f"echo: {text}", "")
    until(lambda: count(gateway, part) == before + 1, f"the answer is {part}", 20)


# ---- With nothing said but patience, for machines that are busy

@pytest.mark.parametrize("stored", [False, True], ids=["whole", "stream"])
@pytest.mark.parametrize("wanted", [False, True], ids=["whole", "stream"])
def test_a_question_in_other_words_is_answered(start, provider, stored, wanted):
    gateway = start(caching(provider, PATIENT))
    learn(gateway, CAGE, stream=stored)
    assert question(gateway, CAGE, stream=wanted) == (f"echo: {CAGE}", "exact")
    assert question(gateway, CAGE_AGAIN, stream=wanted) == (f"echo: {CAGE}", "semantic")
    learn(gateway, MANGO, stream=stored)
    assert question(gateway, MANGO_AGAIN, stream=wanted) == (f"echo: {MANGO}", "semantic")
    assert [count(gateway, f"hits_{kind}") for kind in ("exact", "canonical", "semantic")] == [1, 1, 1]


@pytest.mark.parametrize("first, second", [
    ("Should I stretch before a run?", "Should I stretch after a run?"),
    ("How do I convert PNG to PDF?", "How do I convert PDF to PNG?"),
    ("Is Crete warm in May?", "Is Crete not warm in May?"),
    ("What is 15 percent of 300?", "What is 50 percent of 300?"),
    ("怎么把列表转成字符串", "怎么把字符串转成列表"),
])
def test_a_question_that_means_something_else_is_not(start, provider, first, second):
    gateway = start(caching(provider, PATIENT))
    learn(gateway, first)
    assert question(gateway, second) == (f"echo: {second}", "")
    assert question(gateway, first) == (f"echo: {first}", "exact")


def test_chinese_questions_have_their_own_model(start, provider):
    gateway = start(caching(provider, PATIENT))
    learn(gateway, CAGE)
    learn(gateway, "北京和南京哪个更热？")
    assert question(gateway, "南京和北京哪个更热？") == ("echo: 北京和南京哪个更热？", "semantic")
    assert question(gateway, CAGE_AGAIN)[1] == "semantic"


def test_what_was_kept_is_found_after_a_restart(start, provider):
    gateway = start(caching(provider, PATIENT))
    learn(gateway, CAGE)
    gateway.stop()
    (gateway.folder / "stdout").unlink()  # It says that the first one was ready.
    gateway.start()
    assert question(gateway, CAGE_AGAIN) == (f"echo: {CAGE}", "semantic")


def test_a_vector_in_the_embedded_index_goes_with_its_answer(start, provider, tmp_path):
    with RedisServer(tmp_path / "redis") as redis:
        config = caching(provider, {"cache": {"serviceName": "redis"}} | PATIENT, configs.service("redis", redis.port))
        config["routes"].append(configs.route("vectors", "vectors", "/v1/collections/"))
        gateway = start(config)
        learn(gateway, CAGE)
        redis.ask("FLUSHALL")
        learn(gateway, CAGE_AGAIN)
        assert count(gateway, "misses_lost") == 1

        def documents() -> str:
            stats = ask(gateway.listener(), "GET /v1/collections/ai-cache-bge-small-en-v1_5-384/stats").text()
            return json.loads(stats)["output"]["total_doc_count"]

        until(lambda: documents() == "1", "only the new one is left")
        assert count(gateway, "index_errors") == 0


def test_with_nothing_said_a_question_in_other_words_is_answered(start, provider):
    gateway = start(caching(provider, None))
    learn(gateway, CAGE)
    assert question(gateway, CAGE_AGAIN)[0] in (f"echo: {CAGE}", f"echo: {CAGE_AGAIN}")
    learn(gateway, MANGO)
    assert question(gateway, MANGO_AGAIN) == (f"echo: {MANGO}", "semantic")


# ---- The guide's configuration

class Dash:
    """A gateway with the configuration that the guide shows, and what it talks to."""

    def __init__(self, start, provider, tmp_path, **more):
        self.scope, self.vectors = DashScope("sk-1"), DashVector("dv-1", CLUSTER)
        self.redis = RedisServer(tmp_path / "redis").__enter__()
        self.vectors.create("faq", DashScope.DIMENSION)
        self.config = {"Dash": GUIDE, "redis": {"serviceName": "redis.static", "timeout": 2000}}
        services = [configs.service("qwen", self.scope.port), configs.service("DashVector", self.vectors.port),
                    configs.service("redis", self.redis.port)]
        self.gateway = start(caching(provider, self.config | PATIENT | more, *services))

    def end(self):
        self.redis.__exit__(None, None, None)
        for each in (self.scope, self.vectors):
            each.stop()
            assert not each.failures, each.failures


@pytest.fixture
def dash(start, provider, tmp_path):
    made = []

    def make(**more) -> Dash:
        made.append(Dash(start, provider, tmp_path, **more))
        return made[-1]

    yield make
    for each in made:
        each.end()


def test_the_guides_configuration_as_it_stands(dash):
    parts = dash()
    learn(parts.gateway, CAGE)
    assert question(parts.gateway, CAGE) == (f"echo: {CAGE}", "exact")
    assert question(parts.gateway, CAGE_AGAIN) == (f"echo: {CAGE}", "semantic")
    assert not parts.scope.refusals and not parts.vectors.refusals
    assert parts.scope.calls[0][1] == {"model": "text-embedding-v1", "input": {"texts": [CAGE]},
                                       "parameters": {"text_type": "query"}}
    (name, document), = parts.vectors.documents("faq").items()
    assert document["fields"]["query"] == CAGE
    keys = parts.redis.ask("KEYS", "*").splitlines()
    assert len(keys) == 2 and all(key.startswith("higress-ai-cache:trial-1:") for key in keys)
    assert f"higress-ai-cache:trial-1:{name}" in keys


def test_a_vector_whose_answer_is_gone_goes(dash):
    parts = dash()
    learn(parts.gateway, CAGE)
    (name,) = parts.vectors.documents("faq")
    parts.redis.ask("FLUSHALL")
    assert question(parts.gateway, CAGE_AGAIN) == (f"echo: {CAGE_AGAIN}", "")
    until(lambda: name not in parts.vectors.documents("faq") and parts.vectors.documents("faq"), "the vector is replaced")
    assert count(parts.gateway, "misses_lost") == 1


@pytest.mark.parametrize("which", ["scope", "vectors"])
@pytest.mark.parametrize("fault", ["garbage", "error", "empty"])
def test_a_service_that_fails_costs_hits_and_nothing_else(dash, which, fault):
    parts = dash()
    learn(parts.gateway, CAGE)
    getattr(parts, which).fault = fault
    assert question(parts.gateway, CAGE_AGAIN) == (f"echo: {CAGE_AGAIN}", "")
    assert question(parts.gateway, CAGE) == (f"echo: {CAGE}", "exact")
    getattr(parts, which).fault = None
    again = "Which is sweeter, honey or sugar?"
    learn(parts.gateway, again)
    assert question(parts.gateway, "Which is sweeter, sugar or honey?") == (f"echo: {again}", "semantic")


@pytest.mark.parametrize("which, counter", [("scope", "embedder_errors"), ("vectors", "index_errors")])
def test_a_service_that_is_down_costs_hits_and_nothing_else(dash, which, counter):
    parts = dash()
    learn(parts.gateway, CAGE)
    getattr(parts, which).stop()
    for number in range(5):
        assert question(parts.gateway, f"What causes {number} floods?")[1] == ""
    assert question(parts.gateway, CAGE) == (f"echo: {CAGE}", "exact")
    assert count(parts.gateway, counter) >= 1
    getattr(parts, which).start()
    numbers = itertools.count(6)

    def is_asked_again() -> bool:
        question(parts.gateway, f"What causes {next(numbers)} floods?")
        return count(parts.gateway, "indexed") >= 2

    until(is_asked_again, "it is asked again", 30)


@pytest.mark.parametrize("which", ["scope", "vectors"])
def test_a_slow_service_holds_nobody_up(dash, which):
    parts = dash(lookupTimeout=100)
    getattr(parts, which).delay, getattr(parts, which).fault = 2.0, "slow"
    assert question(parts.gateway, CAGE) == (f"echo: {CAGE}", "")
    assert count(parts.gateway, "misses_late") == 1
    until(lambda: count(parts.gateway, "indexed") == 1, "the vector is kept nevertheless", 20)


def test_vectors_of_another_size_cost_hits_and_nothing_else(dash):
    parts = dash()
    learn(parts.gateway, CAGE)
    parts.scope.fault = "width"
    assert question(parts.gateway, CAGE_AGAIN) == (f"echo: {CAGE_AGAIN}", "")
    until(lambda: "Mismatched Dimension" in parts.gateway.said(), "the log says why")
    assert len(parts.vectors.documents("faq")) == 1


def test_a_store_that_is_killed_costs_hits_and_nothing_else(dash):
    parts = dash()
    learn(parts.gateway, CAGE)
    parts.redis.kill()
    assert question(parts.gateway, CAGE) == (f"echo: {CAGE}", "")
    assert question(parts.gateway, CAGE_AGAIN) == (f"echo: {CAGE_AGAIN}", "")
    assert len(parts.vectors.documents("faq")) == 1


def test_a_wrong_key_is_told_of(dash):
    parts = dash()
    parts.scope.key = "other"
    assert question(parts.gateway, CAGE) == (f"echo: {CAGE}", "")
    until(lambda: "Invalid API-key" in parts.gateway.said(), "the log says what DashScope says")
    assert "sk-1" not in parts.gateway.said()


# ---- Other configurations

def test_the_fields_of_higress(start, provider):
    with DashVector("dv-1", CLUSTER) as vectors:
        vectors.create("faq", 384)
        config = {
            "cacheKeyStrategy": "lastQuestion", "enableSemanticCache": True,
            "cacheKeyFrom": "messages.@reverse.0.content", "cacheValueFrom": "choices.0.message.content",
            "cacheStreamValueFrom": "choices.0.delta.content",
            "embedding": {"type": "openai", "serviceName": "embedder", "apiKey": "any", "model": "text-embedding-3-small",
                          "timeout": 5000},
            "vector": {"type": "dashvector", "serviceName": "dashvector.dns", "serviceHost": CLUSTER, "servicePort": 443,
                       "apiKey": "dv-1", "collectionID": "faq", "topK": 1, "threshold": 0.2, "thresholdRelation": "lt",
                       "timeout": 5000},
            "cache": {"type": "redis", "serviceName": "store", "cacheTTL": 600, "cacheKeyPrefix": "mine:"},
        }
        gateway = start(caching(provider, config | PATIENT, configs.service("dashvector", vectors.port)))
        learn(gateway, CAGE)
        assert question(gateway, CAGE_AGAIN) == (f"echo: {CAGE}", "semantic")
        assert not vectors.refusals and not vectors.failures


@pytest.mark.parametrize("config, said", [
    ({"vector": {"threshold": 1000}}, "0.1 is usual"),
    ({"vector": {"thresholdRelation": "gt"}}, "would serve the farthest"),
    ({"vector": {"metric": "dotproduct"}}, "threshold is needed"),
    ({"vector": {"serviceName": "mine.dns"}}, "collectionID is needed"),
    ({"vector": {"serviceHost": "https://cluster.example/"}}, "no host name"),
    ({"Dash": GUIDE | {"dashVectorEnd": "https://cluster.example"}}, "no host name"),
    ({"Dash": GUIDE, "vector": {"collectionID": "faq"}}, "say one"),
    ({"Dash": {"dashScopeKey": "sk-1"}}, "dashScopeServiceName"),
    ({"responseTemplate": "no place for it"}, "hold %s once"),
    ({"mode": "on", "embedding": {"type": "dashscop"}}, "dashscope"),
])
def test_what_would_be_unsafe_is_refused_with_the_fix(start, provider, tmp_path, config, said):
    file = tmp_path / "mynah.json"
    file.write_text(json.dumps(caching(provider, config)))
    refused = run("run", "--config", str(file), "--data", str(tmp_path / "data"), seconds=60)
    assert refused.returncode == 1
    assert said in refused.stdout + refused.stderr
