# SPDX-License-Identifier: Apache-2.0
"""Plug-ins that others have written and built, in Go and Rust, unmodified, each at its documented work: those of the
package gpustack-higress-plugins."""
import json
import re

import httpx
import pytest

from harness import configs
from harness.origin import Origin, fixed
from harness.plugins import keep_compiled, probe, third_party
from harness.program import Gateway
from harness.raw import ask
from harness.until import until
from standins.provider import Provider

QUESTION = {"model": "small", "messages": [{"role": "user", "content": "how are you"}]}
CHAT = "/v1/chat/completions"


@pytest.fixture(scope="module")
def provider():
    with Provider() as running:
        yield running


@pytest.fixture
def serve(start, provider):
    """serve(plugins, …) is a gateway with those plug-ins in front of a provider. It takes identity from clients, which
    spares the tests a plug-in that makes it."""
    def serve_one(plugins, services=(), routes=(), **more) -> Gateway:
        config = configs.config([configs.service("llm", provider.port), *services],
                                [*routes, configs.route("chat", "llm")], plugins=plugins,
                                forwarding={"identity_headers": []}, **more)
        return start(config, prepare=keep_compiled, ready_in=120)
    return serve_one


def post(gateway: Gateway, body, path: str = CHAT, **headers) -> httpx.Response:
    host, port = gateway.listener()
    return httpx.post(f"http://{host}:{port}{path}", json=body, timeout=30, trust_env=False,
                      headers={name.replace("_", "-"): value for name, value in headers.items()})


def get(gateway: Gateway, path: str, **headers) -> httpx.Response:
    host, port = gateway.listener()
    return httpx.get(f"http://{host}:{port}{path}", timeout=30, trust_env=False,
                     headers={name.replace("_", "-"): value for name, value in headers.items()})


def events(answer: httpx.Response) -> list:
    """The JSON of each event of a stream."""
    told = [line.removeprefix("data:").strip() for line in answer.text.splitlines() if line.startswith("data:")]
    return [json.loads(data) for data in told if data and data != "[DONE]"]


def metrics(gateway: Gateway) -> str:
    host, port = gateway.console()
    return httpx.get(f"http://{host}:{port}/metrics", timeout=10, trust_env=False).text


# ---- transformer

def test_transformer_edits_headers_queries_and_bodies_of_requests(serve, provider):
    provider.on("/edit", lambda x: (x.body(), x.answer(200, b"{}", [("content-type", "application/json")])))
    gateway = serve([third_party("transformer", {"reqRules": [
        {"operate": "remove", "headers": [{"key": "x-remove"}], "querys": [{"key": "gone"}], "body": [{"key": "secret"}]},
        {"operate": "rename", "headers": [{"oldKey": "x-old", "newKey": "x-new"}]},
        {"operate": "replace", "headers": [{"key": "x-here", "newValue": "replaced"}]},
        {"operate": "add", "headers": [{"key": "x-added", "value": "1"}], "querys": [{"key": "q", "value": "2"}],
         "body": [{"key": "model", "value": "large", "value_type": "string"}]},
        {"operate": "append", "headers": [{"key": "x-list", "appendValue": "b"}]},
    ]})])

    answer = post(gateway, {"secret": 1, "kept": True}, "/edit?gone=1&kept=2", x_remove="1", x_old="o", x_here="h", x_list="a")

    assert answer.status_code == 200
    seen = provider.seen("/edit")[-1]
    assert seen.get("x-remove") is None and seen.get("x-old") is None
    assert (seen.get("x-new"), seen.get("x-here"), seen.get("x-added")) == ("o", "replaced", "1")
    assert seen.all("x-list") in (["a", "b"], ["a,b"], ["a, b"])
    assert sorted(seen.target.partition("?")[2].split("&")) == ["kept=2", "q=2"]
    assert json.loads(seen.body) == {"kept": True, "model": "large"}


def test_transformer_edits_headers_and_bodies_of_responses(serve, provider):
    provider.on("/answer", fixed(b'{"price": 3, "kept": "yes"}', 200, [("content-type", "application/json"), ("x-secret", "s")]))
    gateway = serve([third_party("transformer", {"respRules": [
        {"operate": "remove", "headers": [{"key": "x-secret"}], "body": [{"key": "price"}]},
        {"operate": "add", "headers": [{"key": "x-added", "value": "1"}], "body": [{"key": "a.b", "value": "deep"}]},
    ]})])

    answer = get(gateway, "/answer")

    assert answer.json() == {"kept": "yes", "a": {"b": "deep"}}
    assert "x-secret" not in answer.headers and answer.headers["x-added"] == "1"


# ---- ai-statistics

def test_ai_statistics_counts_tokens_and_tells_the_access_log(serve):
    gateway = serve([third_party("ai-statistics", {"attributes": [
        {"key": "question", "value_source": "request_body", "value": "messages.@reverse.0.content", "apply_to_log": True}]})])

    assert post(gateway, QUESTION, x_mse_consumer="ann").status_code == 200

    counted = until(lambda: re.search(r'name="route\.chat\.upstream\.[^"]*\.model\.small\.consumer\.ann\.metric\.total_token"\} (\d+)',
                                      metrics(gateway)), "the metric is there")
    assert int(counted.group(1)) > 3
    line = until(gateway.access_log, "a line of the access log")[0]
    told = json.loads('"' + line["notes"]["ai_log"] + '"')
    assert json.loads(told)["question"] == "how are you"
    assert json.loads(told)["model"] == "small"


def test_ai_statistics_follows_a_stream(serve):
    gateway = serve([third_party("ai-statistics", {})])
    asked = QUESTION | {"stream": True, "stream_options": {"include_usage": True}}

    answer = post(gateway, asked)

    assert "".join(event["choices"][0]["delta"].get("content", "") for event in events(answer) if event["choices"]) \
        == "echo: how are you"
    until(lambda: "metric.llm_first_token_duration" in metrics(gateway), "the time to the first token is counted")


# ---- ai-data-masking

def test_ai_data_masking_refuses_a_denied_word(serve, provider):
    gateway = serve([third_party("ai-data-masking", {
        "deny_openai": True, "deny_words": ["forbidden"], "deny_code": 200, "deny_message": "not here"})])
    asked_before = len(provider.questions)

    answer = post(gateway, {"model": "m", "messages": [{"role": "user", "content": "the forbidden word"}]})

    assert answer.json()["choices"][0]["message"]["content"] == "not here"
    assert len(provider.questions) == asked_before


def test_ai_data_masking_masks_the_question_and_restores_the_answer(serve, provider):
    gateway = serve([third_party("ai-data-masking", {
        "deny_openai": True,
        "replace_roles": [{"regex": "%{EMAILADDRESS}", "type": "replace", "restore": True, "value": "****@mask.example"}]})])

    answer = post(gateway, {"model": "m", "messages": [{"role": "user", "content": "write to ann@shop.example please"}]})

    assert provider.questions[-1]["messages"][0]["content"] == "write to ****@mask.example please"
    assert answer.json()["choices"][0]["message"]["content"] == "echo: write to ann@shop.example please"


# ---- gpustack-ai-proxy

def test_ai_proxy_puts_in_the_credentials_and_maps_the_model(serve, provider):
    gateway = serve([third_party("gpustack-ai-proxy", {"provider": {
        "type": "openai", "apiTokens": ["sk-real"], "modelMapping": {"small": "big", "*": "other"},
        "openaiCustomUrl": "http://llm.example/v1"}})])

    answer = post(gateway, QUESTION, authorization="Bearer of-the-client")

    assert answer.status_code == 200
    seen = provider.seen(CHAT)[-1]
    assert seen.get("authorization") == "Bearer sk-real"
    assert seen.get("host") == "llm.example"
    assert provider.questions[-1]["model"] == "big"


def claude_answer(exchange):
    asked = json.loads(exchange.body())
    body = {"id": "msg_1", "type": "message", "role": "assistant", "model": asked["model"], "stop_reason": "end_turn",
            "content": [{"type": "text", "text": "bonjour"}], "usage": {"input_tokens": 3, "output_tokens": 2}}
    exchange.answer(200, json.dumps(body).encode(), [("content-type", "application/json")])


def test_ai_proxy_translates_to_another_vendor_and_back(serve, provider):
    provider.on("/v1/messages", claude_answer)
    gateway = serve([third_party("gpustack-ai-proxy", {"provider": {"type": "claude", "apiTokens": ["key"]}})])

    answer = post(gateway, {"model": "claude-x", "messages": [{"role": "system", "content": "be brief"}, *QUESTION["messages"]]})

    seen = provider.seen("/v1/messages")[-1]
    assert seen.get("x-api-key") == "key"
    assert json.loads(seen.body)["messages"][0]["role"] == "user"
    assert answer.json()["choices"][0]["message"]["content"] == "bonjour"
    assert answer.json()["usage"]["total_tokens"] == 5


# ---- gpustack-ext-auth

def authority(exchange):
    exchange.body()
    if exchange.request.get("authorization") == "Bearer good":
        exchange.answer(200, b"", [("x-mse-consumer", "gpustack-7")])
    else:
        exchange.answer(401, b'{"error": "who are you"}', [("content-type", "application/json")])


def test_ext_auth_asks_the_authority_and_names_the_consumer(serve, provider):
    with Origin(default=authority) as auth:
        gateway = serve([third_party("gpustack-ext-auth", {
            "route_match_regexes": ["^chat$"],
            "authz": {"endpoint": {"path": "/token-auth", "request_method": "GET", "service_name": "auth.static",
                                   "service_port": 80}, "timeout": 5000}}, stage="authn")],
                        [configs.service("auth.static", auth.port)])

        refused = post(gateway, QUESTION, authorization="Bearer bad", x_mse_consumer="somebody")
        taken = post(gateway, QUESTION, authorization="Bearer good", x_mse_consumer="somebody")

    assert refused.status_code == 401 and refused.json() == {"error": "who are you"}
    assert taken.status_code == 200
    assert provider.seen(CHAT)[-1].get("x-mse-consumer") == "gpustack-7"


# ---- gpustack-generic-proxy-router, gpustack-set-header-pre-route

def test_the_proxy_router_chooses_the_route_by_the_model(serve, provider):
    with Origin(default=fixed(b"the other")) as other:
        gateway = serve([third_party("gpustack-generic-proxy-router", {
            "addProviderHeader": "x-higress-llm-provider", "modelToHeader": "x-model",
            "aliasNameMapping": {"alias": "openai/gpt-4"}}, stage="authn")],
                        [configs.service("other", other.port)],
                        [configs.route("special", "other", match={"path": {"prefix": "/"}, "headers": [
                            {"name": "x-higress-llm-provider", "exact": "elsewhere"}]})])

        usual = post(gateway, QUESTION | {"model": "here/small"})
        special = post(gateway, QUESTION | {"model": "elsewhere/large"})
        alias = post(gateway, QUESTION, "/model/proxy/alias" + CHAT)

        assert json.loads(other.seen(CHAT)[-1].body)["model"] == "large"
    assert usual.json()["model"] == "small"
    assert special.text == "the other"
    assert alias.status_code == 404
    seen = provider.seen("/model/proxy/alias" + CHAT)[-1]
    assert (seen.get("x-higress-llm-model"), seen.get("x-model")) == ("openai/gpt-4", "gpt-4")


def test_set_header_pre_route_tells_the_name_of_the_route(serve, provider):
    gateway = serve([third_party("gpustack-set-header-pre-route", {"routeNameHeader": "x-route", "clusterNameHeader": "x-cluster"})])

    post(gateway, QUESTION)

    seen = provider.seen(CHAT)[-1]
    assert seen.get("x-route") == "chat"
    assert "llm" in seen.get("x-cluster")


# ---- gpustack-ip-acl

@pytest.mark.parametrize("consumer, status", [("local", 200), ("away", 403), ("team-ci", 403), ("nobody", 200)])
def test_ip_acl_judges_a_consumer_by_its_address(serve, consumer, status):
    gateway = serve([third_party("gpustack-ip-acl", {"consumers": {
        "local": {"allowedCidrs": ["127.0.0.0/8"]}, "away": {"allowedCidrs": ["10.0.0.0/8"]},
        "*-ci": {"deniedCidrs": ["127.0.0.1"]}}}, stage="authn")])

    assert post(gateway, QUESTION, x_mse_consumer=consumer).status_code == status


# ---- gpustack-lb and its capability plug-ins

def balanced(*models, **finisher) -> list[dict]:
    """The band of plug-ins that chooses among candidates; routes by the header that the last of them writes."""
    candidates = [{"cluster": f"outbound|80||{name}.static", "targetId": str(index), "kind": "instance"}
                  for index, name in enumerate(models)]
    mappers = {str(index): {"*": f"real-{name}"} for index, name in enumerate(models)}
    return [third_party("gpustack-lb", {"mode": "context", "candidates": candidates, "modelMappers": mappers},
                        entry="lb-context", stage="authn", priority=340),
            third_party("gpustack-lb", {"mode": "finisher"} | finisher, entry="lb-finisher", stage="authn", priority=325)]


def by_cluster(name: str) -> dict:
    return configs.route(f"to-{name}", f"{name}.static", match={"path": {"prefix": "/"}, "headers": [
        {"name": "x-higress-target-cluster", "exact": f"outbound|80||{name}.static"}]})


@pytest.fixture
def pair():
    with Provider() as one, Provider() as two:
        yield one, two


def serve_pair(serve, pair, plugins) -> Gateway:
    return serve(plugins, [configs.service("one.static", pair[0].port), configs.service("two.static", pair[1].port)],
                 [by_cluster("one"), by_cluster("two")], workers=1)


def test_lb_keeps_a_session_on_one_instance(serve, pair):
    affinity = third_party("gpustack-lb-session-affinity", {"sessionKeys": [{"header": "x-session"}]}, stage="authn", priority=335)
    gateway = serve_pair(serve, pair, [*balanced("one", "two"), affinity])

    models = {session: {post(gateway, QUESTION, x_session=session).json()["model"] for _ in range(3)}
              for session in (f"session-{i}" for i in range(12))}

    assert all(len(chosen) == 1 for chosen in models.values())
    assert {next(iter(chosen)) for chosen in models.values()} == {"real-one", "real-two"}


def test_lb_sends_to_the_least_loaded_instance(serve, pair):
    least = third_party("gpustack-lb-least-load", {}, stage="authn", priority=330)
    gateway = serve_pair(serve, pair, [*balanced("one", "two"), least])
    host, port = gateway.listener()
    busy = httpx.Client(timeout=30, trust_env=False)
    held = QUESTION | {"stream": True, "messages": [{"role": "user", "content": "[[gap 100000]] wait"}]}

    with busy.stream("POST", f"http://{host}:{port}{CHAT}", json=held) as answer:
        assert answer.status_code == 200
        loaded = 0 if pair[0].questions else 1
        for _ in range(6):
            assert post(gateway, QUESTION).json()["model"] == f"real-{('one', 'two')[1 - loaded]}"


def decision(exchange):
    asked = json.loads(exchange.body())
    options = list(asked["questions"]["model_selection"]["criteria"])
    probable = {option: 0.9 if option == "real-two" else 0.1 / max(len(options) - 1, 1) for option in options}
    answer = {"answers": {"model_selection": {"type": "choice", "choice": "real-two", "probabilities": probable, "confidence": 0.9}}}
    exchange.answer(200, json.dumps(answer).encode(), [("content-type", "application/json")])


def test_lb_follows_the_decision_service(serve, pair):
    with Origin(default=decision) as judge:
        decider = third_party("gpustack-lb-decision-service", {
            "provider": {"endpoint": "http://judge.example:80", "cluster": "outbound|80||judge.static", "apiToken": "t"},
            "modelSelection": {"criteria": {"real-one": "small", "real-two": "large"}}}, stage="authn", priority=328)
        gateway = serve([*balanced("one", "two"), decider],
                        [configs.service("one.static", pair[0].port), configs.service("two.static", pair[1].port),
                         configs.service("judge.static", judge.port)],
                        [by_cluster("one"), by_cluster("two")], workers=1)

        chosen = [post(gateway, QUESTION).json()["model"] for _ in range(6)]

        assert len(judge.seen("/v1/systemone")) == 6
    assert chosen.count("real-two") > chosen.count("real-one")


# ---- gpustack-rate-limit

RULE = {"rule_name": "rule", "rejected_code": 429, "rejected_msg": "slow down", "limit_combinations": [
    {"name": "each", "match": [{"source": "header", "name": "x-user", "value": "*"}], "query_limits": {"per_hour": 2}}]}


@pytest.mark.parametrize("redis", [{}, {"redis": {"service_name": "store", "service_port": 6379}}], ids=["in memory", "in Redis"])
def test_rate_limit_counts_each_user(serve, redis):
    gateway = serve([third_party("gpustack-rate-limit", RULE | redis)])

    assert [post(gateway, QUESTION, x_user="ann").status_code for _ in range(4)] == [200, 200, 429, 429]
    assert "slow down" in post(gateway, QUESTION, x_user="ann").text
    assert post(gateway, QUESTION, x_user="bob").status_code == 200


# ---- gpustack-token-usage

def test_token_usage_adds_speeds_and_reports_to_its_endpoint(serve, provider):
    with Origin(default=fixed(b"{}")) as collector:
        gateway = serve([third_party("gpustack-token-usage", {
            "endpoint": {"service_name": "collector.static", "service_port": 80, "path": "/v2/usage"},
            "realIPHeader": "x-real", "header_add": {"x-token": "shared"}})],
                        [configs.service("model-3-4.static", provider.port), configs.service("collector.static", collector.port)],
                        [configs.route("ai-route-route-1.internal", "model-3-4.static", "/v1/")])

        asked = QUESTION | {"stream": True, "stream_options": {"include_usage": True}}

        answer = post(gateway, asked, x_mse_consumer="key.gpustack-42", x_real="forged")
        report = collector.await_seen("/v2/usage")[0]

    usage = events(answer)[-1]["usage"]
    assert {"time_to_first_token_ms", "time_per_output_token_ms", "tokens_per_second"} <= set(usage)
    seen = provider.seen(CHAT)[-1]
    assert (seen.get("x-real"), seen.get("x-token")) == ("127.0.0.1", "shared")
    told = json.loads(report.body)
    assert report.get("x-token") == "shared"
    assert (told["model_id"], told["model_route_id"], told["user_id"], told["access_key"]) == (3, 1, 42, "key")
    assert told["completed"] and told["total_token"] == usage["total_tokens"]


def test_token_usage_hides_the_usage_that_the_client_did_not_ask_for(serve, provider):
    gateway = serve([third_party("gpustack-token-usage", {})])
    asked = QUESTION | {"stream": True, "stream_options": {"include_usage": False}}

    answer = post(gateway, asked)

    assert provider.questions[-1]["stream_options"]["include_usage"] is True
    assert not any(event.get("usage") for event in events(answer))


# ---- All at once

def test_many_plugins_of_others_serve_together(serve, provider):
    gateway = serve([third_party("transformer", {"reqRules": [{"operate": "add", "headers": [{"key": "x-t", "value": "1"}]}]}),
                     third_party("ai-statistics", {}), third_party("ai-data-masking", {"deny_words": ["forbidden"]}),
                     third_party("gpustack-token-usage", {}), third_party("gpustack-ip-acl", {"consumers": {}}),
                     third_party("gpustack-set-header-pre-route", {"routeNameHeader": "x-route"})])

    for number in range(20):
        answer = post(gateway, QUESTION | {"messages": [{"role": "user", "content": f"number {number}"}]})
        assert answer.json()["choices"][0]["message"]["content"] == f"echo: number {number}"

    assert provider.seen(CHAT)[-1].get("x-t") == "1"
    assert ask(gateway.listener(), "GET /v1/models").status == 200


def test_a_plugin_sees_the_environment_that_is_configured(start, origin):
    gateway = start(configs.config([configs.service("origin", origin.port)], [configs.route("all", "origin")], plugins=[
        probe("request_headers: env GOGC", "request_headers: env MINE", environment={"MINE": "yes"})]))

    ask(gateway.listener(), "GET /")

    until(lambda: "env yes" in gateway.said(), "a plug-in sees what is configured")
    assert "env none" in gateway.said(), "one that is not written in Go sees nothing else"
