# SPDX-License-Identifier: Apache-2.0
"""The official OpenAI client and the cache: an answer is the same to it whether the provider gives it or the cache does, as
a stream or whole, and whichever way it came when it was kept."""
import openai
import pytest

from harness import configs
from harness.until import until
from standins.provider import Provider

TOOLS = [{"type": "function", "function": {"name": "count", "parameters": {"type": "object"}}}]
ASKED = {
    "text": {"content": "How do I peel a mango? [[words 12]]"},
    "reasoning": {"content": "How do I peel a mango? [[think]]"},
    "calls": {"content": "Count to three. [[call 3]]", "tools": TOOLS},
}


@pytest.fixture(scope="module")
def provider():
    with Provider() as standing_in:
        yield standing_in
        assert not standing_in.failures, standing_in.failures


@pytest.fixture
def gateway(start, provider):
    return start(configs.config([configs.service("llm", provider.port)], [configs.route("chat", "llm", "/v1/")], workers=1,
                                plugins=[{"id": "ai-cache", "config": {"lookupTimeout": 20000}}]))


def client_of(address) -> openai.OpenAI:
    return openai.OpenAI(base_url=f"http://{address[0]}:{address[1]}/v1", api_key="sk-test", max_retries=0, timeout=30)


def whole(client: openai.OpenAI, content: str, **more) -> tuple[dict, str]:
    """What the client makes of an answer, and whose it is."""
    got = client.chat.completions.with_raw_response.create(
        model="m", messages=[{"role": "user", "content": content}], **more)
    said = got.parse()
    message = said.choices[0].message
    assert (message.role, said.object, said.model) == ("assistant", "chat.completion", "m") and said.id
    calls = [(call.id, call.type, call.function.name, call.function.arguments) for call in message.tool_calls or []]
    return {"text": message.content, "reasoning": getattr(message, "reasoning_content", None), "calls": calls,
            "finish": said.choices[0].finish_reason, "usage": said.usage.model_dump()}, got.headers.get("x-cache-status")


def streamed(client: openai.OpenAI, content: str, **more) -> tuple[dict, str]:
    """The same of a stream, put together as the client's guide says."""
    got = client.chat.completions.with_raw_response.create(
        model="m", messages=[{"role": "user", "content": content}], stream=True, stream_options={"include_usage": True}, **more)
    text, reasoning, calls, finish, usage, roles = "", "", {}, None, None, []
    for chunk in got.parse():
        assert chunk.object == "chat.completion.chunk" and chunk.id
        usage = chunk.usage or usage
        if not chunk.choices:
            continue
        delta = chunk.choices[0].delta
        roles += [delta.role] if delta.role else []
        text += delta.content or ""
        reasoning += getattr(delta, "reasoning_content", None) or ""
        for call in delta.tool_calls or []:
            known = calls.setdefault(call.index, ["", "", "", ""])
            for place, part in enumerate((call.id, call.type, call.function.name, call.function.arguments)):
                known[place] += part or ""
        finish = chunk.choices[0].finish_reason or finish
    assert roles == ["assistant"]
    return {"text": text or None, "reasoning": reasoning or None, "calls": [tuple(each) for each in calls.values()],
            "finish": finish, "usage": usage.model_dump()}, got.headers.get("x-cache-status")


@pytest.mark.parametrize("kept", [whole, streamed])
@pytest.mark.parametrize("kind", ASKED)
def test_an_answer_is_the_same_from_the_cache(gateway, provider, kind, kept):
    asked = dict(ASKED[kind])
    content = asked.pop("content")
    with client_of(("127.0.0.1", provider.port)) as direct:
        expected = whole(direct, content, **asked)[0]
        assert streamed(direct, content, **asked)[0] == expected
    with client_of(gateway.listener()) as client:
        assert kept(client, content, **asked) == (expected, "miss")
        until(lambda: gateway.metric("mynah_plugin_count_total", name="ai_cache_kept") == 1, "the answer is kept")
        assert whole(client, content, **asked) == (expected, "hit")
        assert streamed(client, content, **asked) == (expected, "hit")
