# SPDX-License-Identifier: Apache-2.0
"""Equal questions at the same time, from real clients on a gateway of several workers: one of them reaches the model."""
import json
import threading

import pytest

from harness import configs
from harness.raw import Closed, Connection, ask, request
from harness.until import until
from standins.provider import Provider

CLIENTS = 100
PATIENT = {"lookupTimeout": 20000, "enableSemanticCache": False}


@pytest.fixture
def provider():
    with Provider() as standing_in:
        yield standing_in
        assert not standing_in.failures, standing_in.failures


def caching(*providers, workers: int = 2, **config) -> dict:
    return configs.config([configs.service("llm", *[each.port for each in providers])], [configs.route("chat", "llm", "/v1/")],
                          workers=workers, plugins=[{"id": "ai-cache", "config": PATIENT | config}])


def body(text: str, **more) -> bytes:
    return json.dumps({"model": "m", "messages": [{"role": "user", "content": text}]} | more).encode()


HEAD = "POST /v1/chat/completions\ncontent-type: application/json"


def text_of(response) -> str:
    """What the model has said, whole, whichever way it came."""
    assert response.status == 200, response.body
    if response.get("content-type") == "application/json":
        said = json.loads(response.body)
        assert said["choices"][0]["finish_reason"] == "stop"
        return said["choices"][0]["message"]["content"]
    events = [line[5:].strip() for line in response.text().splitlines() if line.startswith("data:")]
    assert events[-1] == "[DONE]"
    choices = [json.loads(event)["choices"] for event in events[:-1]]
    assert sum(bool(each and each[0].get("finish_reason")) for each in choices) == 1
    return "".join(each[0]["delta"].get("content") or "" for each in choices if each)


def at_once(gateway, bodies: list[bytes]) -> list:
    """Asks all of them at the same time, each on a connection of its own; the answers."""
    answers = [None] * len(bodies)
    ready = threading.Barrier(len(bodies))

    def one(place: int):
        with Connection(gateway.listener(), seconds=60) as connection:
            ready.wait()
            answers[place] = connection.ask(HEAD, bodies[place])

    threads = [threading.Thread(target=one, args=(place,)) for place in range(len(bodies))]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert all(answers), "every client has its answer"
    return answers


def count(gateway, name: str) -> float:
    return gateway.metric("mynah_plugin_count_total", name=f"ai_cache_{name}")


@pytest.mark.parametrize("kinds", [[False], [True], [False, True]], ids=["whole", "streams", "mixed"])
@pytest.mark.parametrize("workers", [1, 2, 3])
def test_one_of_a_hundred_reaches_the_model(start, provider, kinds, workers):
    gateway = start(caching(provider, workers=workers))
    question = "How far is the moon? [[wait 500]] [[gap 20]]"
    answers = at_once(gateway, [body(question, stream=kinds[i % len(kinds)]) for i in range(CLIENTS)])
    assert {text_of(each) for each in answers} == {f"echo: {question}"}
    assert len(provider.questions) == 1
    assert sorted(each.get("x-cache-status") for each in answers) == ["hit"] * (CLIENTS - 1) + ["miss"]
    assert count(gateway, "misses") == 1
    # What is not equal is asked.
    assert text_of(ask(gateway.listener(), HEAD, body("How far is the sun?"))) == "echo: How far is the sun?"
    assert len(provider.questions) == 2


def test_different_questions_do_not_wait_for_each_other(start, provider):
    gateway = start(caching(provider))
    answers = at_once(gateway, [body(f"What is {i} and {i}?") for i in range(20)])
    assert [text_of(each) for each in answers] == [f"echo: What is {i} and {i}?" for i in range(20)]
    assert len(provider.questions) == 20


def follow(gateway, bodies: list[bytes]) -> tuple[list, list]:
    """Asks in threads; they and, later, the answers."""
    answers = []

    def one(each: bytes):
        answers.append(ask(gateway.listener(), HEAD, each, seconds=60))

    threads = [threading.Thread(target=one, args=(each,)) for each in bodies]
    for thread in threads:
        thread.start()
    return threads, answers


@pytest.mark.parametrize("workers", [1, 2])
@pytest.mark.parametrize("when", ["before the answer", "in its middle"])
def test_a_leader_that_is_killed_hands_over(start, provider, workers, when):
    gateway = start(caching(provider, workers=workers))
    question = "How far is the moon? [[wait 1000]] [[gap 50]] [[words 20]]"
    with Connection(gateway.listener()) as leader:
        leader.send(request(HEAD, body(question, stream=True)))
        until(lambda: len(provider.questions) == 1, "the leader's question has reached the model")
        threads, answers = follow(gateway, [body(question, stream=i % 2 == 0) for i in range(20)])
        if when == "in its middle":
            leader.take_until(b"word5")
        leader.reset()
    for thread in threads:
        thread.join()
    told = " ".join(f"word{i}" for i in range(20))
    assert [text_of(each) for each in answers] == [told] * 20
    assert len(provider.questions) == 2


def test_a_provider_that_breaks_off_is_asked_by_another(start, provider):
    gateway = start(caching(provider, workers=1))
    question = "How far is the moon? [[wait 300]] [[cut 3]] [[gap 30]]"
    threads, answers = [], []

    def one():
        with Connection(gateway.listener(), seconds=60) as connection:
            try:
                answers.append(connection.ask(HEAD, body(question, stream=True)))
            except Closed as closed:
                answers.append(closed)

    for _ in range(5):
        threads.append(threading.Thread(target=one))
        threads[-1].start()
    for thread in threads:
        thread.join()
    # Nobody was told that half an answer is a whole one, and nothing of it is kept.
    assert all(isinstance(each, Closed) for each in answers)
    assert count(gateway, "kept") == 0


def test_switched_off_everybody_asks(start, provider):
    gateway = start(caching(provider, coalescing={"enabled": False}))
    at_once(gateway, [body("How far is the moon? [[wait 300]]") for _ in range(5)])
    assert len(provider.questions) == 5
