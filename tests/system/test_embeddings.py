# SPDX-License-Identifier: Apache-2.0
"""The embedded embedding service over HTTP: OpenAI's and DashScope's shapes, what is refused, and models of one's own."""
import base64
import json
import math
import shutil
import struct
from pathlib import Path

import pytest

from harness import configs
from harness.program import Gateway
from harness.raw import ask

TINY = Path(__file__).resolve().parents[1] / "golden/embed/tiny"
DASHSCOPE = "/api/v1/services/embeddings/text-embedding/text-embedding"


def config_of(*services: dict) -> dict:
    return configs.config(list(services), [configs.route("own", "own", "/own/")] * bool(services)
                          + [configs.route("all", "embedder", "/")])


@pytest.fixture(scope="module")
def gateway(tmp_path_factory):
    with Gateway(config_of(), tmp_path_factory.mktemp("embeddings")) as running:
        yield running


def post(gateway, path: str, body: dict):
    return ask(gateway.listener(), f"POST {path}\ncontent-type: application/json", json.dumps(body).encode())


def embed(gateway, text, **more) -> dict:
    response = post(gateway, "/v1/embeddings", {"input": text, "model": "text-embedding-3-small"} | more)
    assert response.status == 200, response.body
    return json.loads(response.body)


def cosine(a: list[float], b: list[float]) -> float:
    return sum(x * y for x, y in zip(a, b, strict=True))


def test_a_text_gets_a_vector_in_the_shape_of_openai(gateway):
    answer = embed(gateway, "How do I reset my password?")
    assert answer["object"] == "list" and answer["model"] == "bge-small-en-v1.5"
    (only,) = answer["data"]
    assert only["object"] == "embedding" and only["index"] == 0 and len(only["embedding"]) == 384
    assert math.isclose(cosine(only["embedding"], only["embedding"]), 1, abs_tol=1e-4)
    assert answer["usage"] == {"prompt_tokens": 7, "total_tokens": 7}


def test_close_questions_are_closer_than_others(gateway):
    asked, close, far = (each["embedding"] for each in embed(
        gateway, ["How do I reset my password?", "I forgot my password, what now?", "How tall is Mount Everest?"])["data"])
    assert cosine(asked, close) > cosine(asked, far) + 0.1


def test_base64_is_the_same_vector(gateway):
    plain = embed(gateway, "hello")["data"][0]["embedding"]
    packed = base64.b64decode(embed(gateway, "hello", encoding_format="base64")["data"][0]["embedding"])
    assert list(struct.unpack("<384f", packed)) == pytest.approx(plain, abs=1e-7)


def test_chinese_goes_to_the_chinese_model(gateway):
    response = post(gateway, "/v1/embeddings", {"input": "怎么重置我的密码？", "model": "any"})
    assert response.get("x-mynah-embedding-model") == "bge-small-zh-v1.5"
    assert len(json.loads(response.body)["data"][0]["embedding"]) == 512


def test_dashscope_gets_its_own_shape(gateway):
    response = post(gateway, DASHSCOPE, {"model": "text-embedding-v2", "input": {"texts": ["hello", "world"]},
                                         "parameters": {"text_type": "query"}})
    answer = json.loads(response.body)
    assert response.status == 200
    assert [each["text_index"] for each in answer["output"]["embeddings"]] == [0, 1]
    assert answer["output"]["embeddings"][0]["embedding"] == embed(gateway, "hello")["data"][0]["embedding"]
    assert answer["usage"]["total_tokens"] == 2 and answer["request_id"]


@pytest.mark.parametrize(("body", "status", "code"), [
    ({"input": "Как сбросить пароль?"}, 422, "unrepresentable-text"),
    ({"input": "请打开窗户", "model": "bge-small-en-v1.5"}, 422, "unrepresentable-text"),
    ({"input": " "}, 400, "empty-text"),
    ({"input": []}, 400, "invalid-request"),
    ({"input": [1, 2]}, 400, "invalid-request"),
    ({"model": "m"}, 400, "invalid-request"),
    ({"input": "a", "dimensions": 1536}, 400, "unsupported-option"),
    ({"input": "a", "encoding_format": "hex"}, 400, "unsupported-option"),
    ({"input": ["a"] * 257}, 413, "too-many-texts"),
    ({"input": "a" * (5 << 20)}, 413, "too-large"),
])
def test_what_cannot_be_embedded_is_refused_with_its_reason(gateway, body, status, code):
    response = post(gateway, "/v1/embeddings", body)
    assert response.status == status
    assert json.loads(response.body)["error"]["code"] == code


def test_dashscopes_errors_have_its_shape(gateway):
    response = post(gateway, DASHSCOPE, {"model": "m", "input": {"texts": ["Как дела, друзья?"]}})
    assert response.status == 422
    assert json.loads(response.body)["code"] == "unrepresentable-text"


def test_a_long_text_is_cut_and_answered(gateway):
    assert embed(gateway, "word " * 5000)["usage"]["prompt_tokens"] == 510


def test_a_model_of_ones_own_is_read_from_its_folder(start, tmp_path):
    shutil.copytree(TINY, tmp_path / "mine")
    service = {"name": "own", "embedded": {"kind": "embeddings", "model": str(tmp_path / "mine")}}
    answer = json.loads(post(start(config_of(service)), "/own/v1/embeddings", {"input": "mynah"}).body)
    assert answer["model"] == "mine" and len(answer["data"][0]["embedding"]) == 32


def test_a_damaged_model_is_a_clear_error_and_nothing_else_suffers(start, tmp_path):
    shutil.copytree(TINY, tmp_path / "broken")
    (tmp_path / "broken/model.onnx").write_bytes(b"\x08\x01 not a model")
    service = {"name": "own", "embedded": {"kind": "embeddings", "model": str(tmp_path / "broken")}}
    gateway = start(config_of(service))
    response = post(gateway, "/own/v1/embeddings", {"input": "mynah"})
    assert response.status == 503
    error = json.loads(response.body)["error"]
    assert error["code"] == "model-unavailable" and "broken" in error["message"]
    assert post(gateway, "/v1/embeddings", {"input": "hello"}).status == 200
