# SPDX-License-Identifier: Apache-2.0
"""Plug-ins on real servers of Redis: ai-cache keeps its answers there. It fails open, so whatever becomes of the server,
clients are answered."""
import json

import pytest

from harness import configs
from harness.ports import free_port
from harness.raw import ask
from harness.redis import RedisCluster, RedisServer, Sentinel
from harness.until import until
from standins.provider import Provider


@pytest.fixture(scope="module")
def provider():
    with Provider() as standing_in:
        yield standing_in
        assert not standing_in.failures, standing_in.failures


@pytest.fixture
def server(tmp_path):
    with RedisServer(tmp_path / "redis") as running:
        yield running


def caching(provider, server, *, workers: int = 1, service=None, **cache) -> dict:
    """A gateway whose ai-cache keeps answers in that server."""
    kept = {"serviceName": "kept.static", "timeout": 500, "cacheTTL": 600} | cache
    redis = {"name": "kept", "endpoints": [f"127.0.0.1:{server.port}"], "connect_timeout": "300ms"} | (service or {})
    return configs.config([configs.service("llm", provider.port), redis],
                          [configs.route("chat", "llm", "/v1/")], workers=workers,
                          plugins=[{"id": "ai-cache", "config": {"cache": kept}}])


def question(gateway, text: str):
    body = json.dumps({"model": "m", "messages": [{"role": "user", "content": text}]}).encode()
    response = ask(gateway.listener(), "POST /v1/chat/completions\ncontent-type: application/json", body)
    assert response.status == 200
    assert json.loads(response.body)["choices"][0]["message"]["content"] == f"echo: {text}"
    return response


def state(gateway, text: str) -> str:
    return question(gateway, text).get("x-cache-status")


def comes_to_hit(gateway, text: str):
    """Keeping an answer goes on after the client has it."""
    until(lambda: state(gateway, text) == "hit", "the answer comes from the cache", 20)


def holds_an_answer(server, **where):
    """One answer is two keys: by the request, and by the question's canonical form."""
    until(lambda: server.ask("DBSIZE", **where) == "2", "the answer and the pointer to it are there")


def test_answers_are_kept_in_redis_and_shared(start, provider, server):
    first = start(caching(provider, server, workers=2))
    second = start(caching(provider, server))
    assert state(first, "What is kept?") == "miss"
    comes_to_hit(first, "What is kept?")
    assert state(second, "What is kept?") == "hit"
    holds_an_answer(server)
    keys = server.ask("KEYS", "*").splitlines()
    assert all(key.startswith("higress-ai-cache:") for key in keys)
    assert 0 < int(server.ask("TTL", keys[0])) <= 600
    assert second.metric("mynah_redis_calls_total", service="kept", outcome="answered") >= 1
    assert second.metric("mynah_redis_connections", service="kept") == 1


def test_user_password_and_database_are_those_of_the_plugin(start, provider, server):
    server.ask("ACL", "SETUSER", "ann", "on", ">secret", "~*", "+@all")
    gateway = start(caching(provider, server, username="ann", password="secret", database=5))
    state(gateway, "Who asks?")
    comes_to_hit(gateway, "Who asks?")
    holds_an_answer(server, database=5)
    assert server.ask("DBSIZE") == "0"


def test_a_wrong_password_costs_hits_and_nothing_else(start, provider, server):
    server.ask("CONFIG", "SET", "requirepass", "right")
    gateway = start(caching(provider, server, password="wrong"))
    assert [state(gateway, "Who knows?") for _ in range(3)] == ["miss"] * 3
    assert "WRONGPASS" in gateway.said()
    assert "wrong\"" not in gateway.said()
    assert gateway.metric("mynah_redis_calls_total", service="kept", outcome="denied") >= 3
    server.ask("CONFIG", "SET", "requirepass", "wrong", password="right")
    comes_to_hit(gateway, "Who knows?")


def test_a_server_that_is_killed_costs_hits_until_it_is_back(start, provider, server):
    gateway = start(caching(provider, server))
    state(gateway, "Is it there?")
    comes_to_hit(gateway, "Is it there?")
    server.kill()
    assert [state(gateway, "Is it there?") for _ in range(5)] == ["miss"] * 5
    assert gateway.metric("mynah_redis_connections", service="kept") == 0
    server.start()
    comes_to_hit(gateway, "Is it there?")


def test_a_server_that_hangs_costs_hits_until_it_goes_on(start, provider, server):
    gateway = start(caching(provider, server))
    state(gateway, "Does it move?")
    comes_to_hit(gateway, "Does it move?")
    server.hold()
    assert [state(gateway, f"Does {number} move?") for number in range(5)] == ["miss"] * 5
    until(lambda: gateway.metric("mynah_redis_calls_total", service="kept", outcome="unavailable") >= 1,
          "calls fail without waiting")
    server.go_on()
    comes_to_hit(gateway, "Does it move?")


def test_a_paused_server_is_waited_for_as_long_as_the_plugin_says(start, provider, server):
    gateway = start(caching(provider, server, timeout=100))
    state(gateway, "Is it slow?")
    comes_to_hit(gateway, "Is it slow?")
    server.ask("CLIENT", "PAUSE", "3000", "ALL")
    assert state(gateway, "Is it slow?") == "miss"
    until(lambda: gateway.metric("mynah_redis_calls_total", service="kept", outcome="timeout") >= 1, "a call timed out")
    comes_to_hit(gateway, "Is it slow?")


def test_a_service_that_moves_is_followed_by_a_reload(start, provider, server, tmp_path):
    gateway = start(caching(provider, server))
    state(gateway, "Where is it?")
    comes_to_hit(gateway, "Where is it?")
    with RedisServer(tmp_path / "other") as other:
        moved = caching(provider, other) | {name: gateway.config[name] for name in ("gateway", "console")}
        gateway.reload(moved)
        until(lambda: state(gateway, "Where is it?") == "miss", "the other server is asked", 20)
        comes_to_hit(gateway, "Where is it?")
        holds_an_answer(other)
        server.kill()
        assert state(gateway, "Where is it?") == "hit"


def test_redis_behind_tls(start, provider, authority, tmp_path):
    certificate, key = authority.issue("localhost", "127.0.0.1")
    with RedisServer(tmp_path / "redis") as server:
        port = free_port()
        server.ask("CONFIG", "SET", "tls-cert-file", certificate, "tls-key-file", key,
                   "tls-ca-cert-file", authority.certificate, "tls-auth-clients", "no", "tls-port", str(port))
        secured = {"endpoints": [f"127.0.0.1:{port}"], "tls": {"ca": authority.certificate, "sni": "localhost"}}
        gateway = start(caching(provider, server, service=secured))
        state(gateway, "Is it secret?")
        comes_to_hit(gateway, "Is it secret?")
        holds_an_answer(server)


def test_sentinels_lead_to_the_primary_and_to_the_next_one(start, provider, server, tmp_path):
    with RedisServer(tmp_path / "replica", "--replicaof", f"127.0.0.1 {server.port}") as replica:
        until(lambda: "master_link_status:up" in replica.ask("INFO", "replication"), "the replica follows")
        with Sentinel(tmp_path / "sentinel", server) as sentinel:
            until(lambda: str(replica.port) in sentinel.ask("SENTINEL", "REPLICAS", "main"), "the replica is known")
            gateway = start(caching(provider, sentinel, service={"redis": {"topology": "sentinel", "primary": "main"}}))
            state(gateway, "Who leads?")
            comes_to_hit(gateway, "Who leads?")
            server.kill()
            assert state(gateway, "Who leads?") == "miss"
            until(lambda: "role:master" in replica.ask("INFO", "replication"), "the replica leads", 30)
            comes_to_hit(gateway, "Who leads?")


def test_a_cluster_keeps_answers_when_slots_have_moved(start, provider, tmp_path):
    with RedisCluster(tmp_path / "cluster") as cluster:
        gateway = start(caching(provider, cluster.nodes[0], service={"redis": {"topology": "cluster"}}))
        questions = [f"Where is number {number}?" for number in range(30)]
        for text in questions:
            state(gateway, text)
        for text in questions:
            comes_to_hit(gateway, text)
        before = cluster.keys()
        cluster.reshard(0, 2, 4000)
        assert cluster.keys()[2] > before[2]
        assert [state(gateway, text) for text in questions] == ["hit"] * len(questions)
        assert gateway.metric("mynah_redis_redirects_total", service="kept", kind="moved") >= 1
        cluster.nodes[0].kill()
        assert {state(gateway, text) for text in questions} <= {"hit", "miss"}
