# SPDX-License-Identifier: Apache-2.0
"""Embedded services on addresses of their own, used by the clients that people have: redis-cli, redis-py, redis-benchmark,
the OpenAI client, plain HTTP; and by strangers."""
import json
import socket
import subprocess

import httpx
import openai
import pytest
import redis

from harness import configs
from harness.ports import free_port
from harness.program import Gateway, run
from harness.until import until

PASSWORD = "open sesame"
KINDS = {"kept": "store", "near": "vectors", "embed": "embeddings", "model": "demo-llm"}


class Served:
    """A gateway whose embedded services listen; `ports` are theirs."""

    def __init__(self, folder):
        self.ports = {name: free_port() for name in KINDS}
        self.config = self.config_with(PASSWORD)
        self.gateway = Gateway(self.config, folder)

    def config_with(self, password: str) -> dict:
        services = [{"name": name, "embedded": {"kind": kind, "listen": f"127.0.0.1:{self.ports[name]}", "password": password}}
                    for name, kind in KINDS.items()]
        return configs.config(services, [configs.route("all", "demo")])

    def redis(self, **more) -> redis.Redis:
        return redis.Redis(port=self.ports["kept"], **({"password": PASSWORD, "decode_responses": True} | more))

    def http(self, name: str, **more) -> httpx.Client:
        return httpx.Client(base_url=f"http://127.0.0.1:{self.ports[name]}", timeout=20, trust_env=False, **more)

    def openai(self, name: str, key: str = PASSWORD) -> openai.OpenAI:
        return openai.OpenAI(base_url=f"http://127.0.0.1:{self.ports[name]}/v1", api_key=key, max_retries=0, timeout=60)



@pytest.fixture(scope="module")
def served(tmp_path_factory):
    made = Served(tmp_path_factory.mktemp("listeners"))
    with made.gateway:
        yield made


def cli(served, *words: str, password: str = PASSWORD) -> str:
    done = subprocess.run(["redis-cli", "-p", str(served.ports["kept"]), "--no-auth-warning", "-a", password, *words],
                          capture_output=True, text=True, timeout=20, check=False)
    return (done.stdout + done.stderr).strip()


def refused(served) -> float:
    return served.gateway.metric("mynah_embedded_refused_total", service="kept", reason="password")


def test_redis_cli(served):
    assert cli(served, "SET", "greeting", "hello") == "OK"
    assert cli(served, "GET", "greeting") == "hello"
    assert cli(served, "-3", "HELLO").startswith("server")
    assert cli(served, "-n", "0", "PING") == "PONG"
    assert "NOAUTH" in cli(served, "GET", "greeting", password="wrong")


@pytest.mark.parametrize("protocol", [2, 3])
def test_redis_py(served, protocol):
    with served.redis(protocol=protocol, client_name="tests") as client:
        assert client.ping()
        assert client.set("counter", 1, ex=60) and client.incr("counter") == 2
        assert 0 < client.ttl("counter") <= 60
        client.delete("hash", "scores")
        client.hset("hash", mapping={"a": "1", "b": "2"})
        assert client.hgetall("hash") == {"a": "1", "b": "2"}
        client.zadd("scores", {"one": 1.5, "two": 2})
        ranked = client.zrange("scores", 0, -1, withscores=True)
        assert [(member, score) for member, score in ranked] == [("one", 1.5), ("two", 2.0)]
        assert client.eval("return redis.call('GET', KEYS[1])", 1, "counter") == "2"
        with pytest.raises(redis.ResponseError):
            client.lpush("counter", "x")


def test_pipelines_and_transactions(served):
    with served.redis() as client:
        pipeline = client.pipeline(transaction=False)
        for number in range(2000):
            pipeline.set(f"p{number}", number)
        for number in range(2000):
            pipeline.get(f"p{number}")
        assert pipeline.execute() == [True] * 2000 + [str(number) for number in range(2000)]
        with client.pipeline(transaction=True) as changes:
            assert changes.set("t", 1).incr("t").execute() == [True, 2]


def test_values_of_megabytes_pass(served):
    value = "x" * (5 << 20)
    with served.redis() as client:
        client.set("large", value, ex=60)
        assert client.get("large") == value
        client.delete("large")


def test_the_password_is_asked_for(served):
    before = refused(served)
    with pytest.raises(redis.AuthenticationError):
        served.redis(password=None).get("k")
    with pytest.raises(redis.AuthenticationError):
        served.redis(password="guess").get("k")
    assert refused(served) > before


def test_redis_benchmark_runs(served):
    done = subprocess.run(["redis-benchmark", "-p", str(served.ports["kept"]), "-a", PASSWORD, "-t", "set,get,incr,lpush,hset",
                           "-n", "5000", "-c", "20", "-P", "8", "--csv"], capture_output=True, text=True, timeout=60, check=True)
    assert [line.split(",")[0].strip('"') for line in done.stdout.splitlines() if line.startswith('"')][-5:] == [
        "SET", "GET", "INCR", "LPUSH", "HSET"]


HOSTILE = {
    "a length that is none": b"*1\r\n$x\r\n",
    "more items than there may be": b"*99999999\r\n",
    "more bytes than there may be": b"*1\r\n$999999999999\r\n",
    "nested": b"*1\r\n*1\r\n$4\r\nPING\r\n",
    "a browser": b"POST / HTTP/1.1\r\nhost: x\r\n\r\n",
    "a line without end": b"x" * (70 << 10),
    "noise": bytes(range(256)) * 100,
}


@pytest.mark.parametrize("bytes_", HOSTILE.values(), ids=HOSTILE.keys())
def test_strangers_are_closed_and_others_go_on(served, bytes_):
    with socket.create_connection(("127.0.0.1", served.ports["kept"]), 10) as stranger:
        try:
            stranger.sendall(bytes_)
            stranger.shutdown(socket.SHUT_WR)
            while stranger.recv(65536):
                pass
        except OSError:
            pass
    assert cli(served, "PING") == "PONG"


def test_the_openai_client_gets_embeddings(served):
    with served.openai("embed") as client:
        made = client.embeddings.create(model="text-embedding-3-small", input=["How are you?", "你好吗？"])
        assert [len(each.embedding) for each in made.data] == [384, 512]
        assert len(client.models.list().data) == 2
    with served.openai("embed", "guess") as stranger, pytest.raises(openai.AuthenticationError):
        stranger.embeddings.create(model="m", input="How are you?")


def test_the_openai_client_talks_to_the_demonstration_model(served):
    with served.openai("model") as client:
        ask = {"model": "demo", "messages": [{"role": "user", "content": "Who are you?"}]}
        whole = client.chat.completions.create(**ask).choices[0].message.content
        pieces = client.chat.completions.create(**ask, stream=True)
        assert "".join(each.choices[0].delta.content or "" for each in pieces) == whole
        assert "Who are you?" in whole


def test_the_vector_index_by_its_own_header(served):
    with served.http("near", headers={"dashvector-auth-token": PASSWORD}) as client:
        docs = [{"id": "1", "vector": [1.0, 0.0]}, {"id": "2", "vector": [0.0, 1.0]}]
        assert client.post("/v1/collections/heard/docs", json={"docs": docs}).json()["code"] == 0
        found = client.post("/v1/collections/heard/query", json={"vector": [0.1, 0.9], "topk": 1}).json()
        assert found["output"][0]["id"] == "2"
    with served.http("near") as stranger:
        refused = stranger.post("/v1/collections/heard/query", json={"vector": [0.1, 0.9]})
        assert refused.status_code == 401 and refused.json()["error"]["code"] == "wrong-password"


def test_store_and_vectors_are_shown_in_metrics(served):
    keys, hits, searches = (served.gateway.metric(name, **labels) for name, labels in (
        ("mynah_store_keys", {}), ("mynah_store_lookups_total", {"result": "hit"}), ("mynah_vector_searches_total", {})))
    with served.redis() as client, served.http("near", headers={"dashvector-auth-token": PASSWORD}) as vectors:
        client.set("counted", 1)
        assert client.get("counted") == "1"
        vectors.post("/v1/collections/counted/docs", json={"docs": [{"vector": [1.0, 0.0]}]})
        assert vectors.post("/v1/collections/counted/query", json={"vector": [1.0, 0.0]}).json()["code"] == 0
    assert served.gateway.metric("mynah_store_keys") == keys + 1
    assert served.gateway.metric("mynah_store_lookups_total", result="hit") == hits + 1
    assert served.gateway.metric("mynah_vector_searches_total") == searches + 1
    assert served.gateway.metric("mynah_vector_documents") >= 1
    assert served.gateway.metric("mynah_vector_request_seconds_count", call="query") >= 1
    until(lambda: served.gateway.metric("mynah_vector_pending_documents") == 0, "what was written is linked", 20)
    until(lambda: served.gateway.metric("mynah_store_unwritten_changes") == 0, "what was set is on disk", 20)


def test_another_password_takes_effect_and_ends_connections(tmp_path):
    served = Served(tmp_path)
    with served.gateway as gateway:
        old = served.redis()
        assert old.ping()
        gateway.write(served.config_with("changed"))

        def is_changed() -> bool:
            with served.redis(password="changed") as client:
                try:
                    return client.ping()
                except redis.RedisError:
                    return False

        until(is_changed, "the new password is asked for", 20)
        with pytest.raises(redis.AuthenticationError):
            old.ping()


def test_a_listener_without_a_password_is_refused(tmp_path):
    config = configs.config([{"name": "kept", "embedded": {"kind": "store", "listen": "127.0.0.1:6399"}}], [])
    file = tmp_path / "mynah.yaml"
    file.write_text(json.dumps(config))
    said = run("check", "--config", str(file))
    assert said.returncode != 0 and '"listen" needs a "password" beside it' in said.stdout + said.stderr
