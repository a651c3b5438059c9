# SPDX-License-Identifier: Apache-2.0
"""The official OpenAI client through the gateway: against a stand-in for a provider, and against the embedded demo model.
First of all, without the gateway: the stand-in is one."""
import asyncio

import openai
import pytest

from harness import configs
from harness.program import Gateway
from harness.until import until
from standins.provider import Provider


@pytest.fixture(scope="module")
def provider():
    with Provider() as standing_in:
        yield standing_in
        assert not standing_in.failures, standing_in.failures


@pytest.fixture(scope="module")
def gateway(provider, tmp_path_factory):
    config = configs.config([configs.service("llm", provider.port)],
                            [configs.route("chat", "llm", "/v1/"),
                             configs.route("demo", "demo", "/demo/", rewrite={"prefix": "/"})])
    with Gateway(config, tmp_path_factory.mktemp("openai")) as running:
        yield running


def client_of(address, base: str = "/v1", **more) -> openai.OpenAI:
    return openai.OpenAI(base_url=f"http://{address[0]}:{address[1]}{base}", api_key="sk-test", max_retries=0, timeout=20, **more)


@pytest.fixture(params=["direct", "gateway"])
def client(request, provider):
    address = ("127.0.0.1", provider.port) if request.param == "direct" else request.getfixturevalue("gateway").listener()
    with client_of(address) as made:
        yield made


def ask(client, question: str, **more):
    return client.chat.completions.create(model="stand-in", messages=[{"role": "user", "content": question}], **more)


def told(stream) -> str:
    return "".join(piece.choices[0].delta.content or "" for piece in stream if piece.choices)


def test_a_completion(client):
    answer = ask(client, "Who are you?")
    assert answer.choices[0].message.content == "echo: Who are you?"
    assert answer.usage.total_tokens == 7


def test_a_stream(client):
    pieces = list(ask(client, "one two three", stream=True, stream_options={"include_usage": True}))
    assert told(pieces) == "echo: one two three"
    assert pieces[-1].usage.completion_tokens == 4


@pytest.mark.parametrize("orders", ["[[chop 1]]", "[[chop 7]]", "[[chop 100000]]", "[[crlf]]", "[[words 2000]]", "[[no-done]]"])
def test_streams_of_every_cut(client, orders):
    text = told(ask(client, orders, stream=True))
    assert text == (" ".join(f"word{i}" for i in range(2000)) if "words" in orders else f"echo: {orders}")


def test_a_stream_that_breaks_is_an_error(client):
    with pytest.raises(Exception) as broken:  # noqa: B017  (which one is the client's matter)
        told(ask(client, "[[cut 3]]", stream=True))
    assert not isinstance(broken.value, AssertionError)


@pytest.mark.parametrize("status, kind", [(400, openai.BadRequestError), (401, openai.AuthenticationError),
                                          (429, openai.RateLimitError), (500, openai.InternalServerError)])
def test_errors_keep_their_kind(client, status, kind):
    with pytest.raises(kind) as error:
        ask(client, f"[[status {status}]]")
    assert error.value.body["message"] == "as ordered"


def test_embeddings_and_models(client):
    vectors = client.embeddings.create(model="stand-in", input=["a", "bb"], encoding_format="float")
    assert [vector.embedding[0] for vector in vectors.data] == [0.01, 0.02]
    assert [model.id for model in client.models.list()] == ["stand-in"]


def test_many_at_once(gateway):
    async def all_of_them():
        host, port = gateway.listener()
        async with openai.AsyncOpenAI(base_url=f"http://{host}:{port}/v1", api_key="x", max_retries=0, timeout=30) as client:
            async def one(number: int) -> str:
                answer = await client.chat.completions.create(
                    model="m", messages=[{"role": "user", "content": f"[[wait 20]] {number}"}])
                return answer.choices[0].message.content
            return await asyncio.gather(*(one(number) for number in range(50)))
    assert asyncio.run(all_of_them()) == [f"echo: [[wait 20]] {number}" for number in range(50)]


def test_a_stream_that_the_client_leaves_ends_at_the_provider(gateway, provider):
    before = provider.streams_broken
    with client_of(gateway.listener()) as client:
        stream = ask(client, "[[words 5000]] [[gap 5]]", stream=True)
        for _ in range(3):
            next(iter(stream))
        stream.close()
    until(lambda: provider.streams_broken > before, "the provider's stream ends")


def test_the_key_reaches_the_provider(gateway, provider):
    with client_of(gateway.listener()) as client:
        ask(client, "the key")
    assert provider.requests[-1].get("authorization") == "Bearer sk-test"


def test_the_gateways_own_errors_are_understood(start):
    """Nothing listens: the error that the gateway makes has OpenAI's shape."""
    config = configs.config([configs.service("llm", 1)], [configs.route("chat", "llm", "/v1/")])
    running = start(config)
    with client_of(running.listener()) as client, pytest.raises(openai.InternalServerError) as error:
        ask(client, "anybody?")
    assert error.value.body["message"] and error.value.body["type"]


def test_the_demo_model(gateway):
    with client_of(gateway.listener(), "/demo/v1") as client:
        whole = ask(client, "What is a mynah?").choices[0].message.content
        assert whole
        assert told(ask(client, "What is a mynah?", stream=True))
