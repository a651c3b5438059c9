# SPDX-License-Identifier: Apache-2.0
"""DashScope's text embedding and a DashVector cluster, as their public documentation describes the calls that a cache
makes: paths, headers of authorization, names of fields, envelopes, codes. What a real one would refuse is refused.

    with DashScope("sk-1") as scope, DashVector("dv-1", host="vrs-cn-1.dashvector.cn-hangzhou.aliyuncs.com") as vectors:
        vectors.create("faq", dimension=DashScope.DIMENSION)

Texts that share words have near vectors. `fault` makes either misbehave: "slow" answers after `delay` seconds, "garbage"
says 200 and nonsense, "error" says 500, "empty" answers without what was asked for; DashScope has "width", too: vectors of
another size.
"""
import json
import math
import re
import threading
import time
import zlib
from itertools import count

from harness.origin import Exchange, Origin

EMBEDDING_PATH = "/api/v1/services/embeddings/text-embedding/text-embedding"
SCOPE_FILTER = re.compile(r"scope = '([0-9a-f]{64})'\Z")


def answer(exchange: Exchange, body, status: int = 200):
    raw = body if isinstance(body, bytes) else json.dumps(body).encode()
    exchange.answer(status, raw, [("content-type", "application/json")])


class Faulty(Origin):
    """What both have in common: a key, faults, and numbered requests."""

    def __init__(self, key: str):
        self.key, self.fault, self.delay = key, None, 1.0
        self.numbers = count(1)
        self.refusals: list[str] = []
        self.calls: list[tuple[str, dict]] = []
        super().__init__(default=self._serve_api)

    def _serve_api(self, exchange: Exchange):
        asked = json.loads(exchange.body() or b"{}")
        self.calls.append((exchange.request.path, asked))
        if self.fault == "slow":
            time.sleep(self.delay)
        if self.fault == "garbage":
            return answer(exchange, b"<html>it works</html>")
        if self.fault == "error":
            return answer(exchange, self.envelope("InternalError", "An internal error has occured."), 500)
        return self.serve(exchange, asked)

    def envelope(self, code, message: str) -> dict:
        if code not in (0, "InternalError"):
            self.refusals.append(message)
        return {"request_id": f"19215409-ea66-4db9-8764-{next(self.numbers):012}", "code": code, "message": message}

    def serve(self, exchange: Exchange, asked: dict):
        raise NotImplementedError


class DashScope(Faulty):
    """The embedding service."""

    DIMENSION = 1536
    MODELS = {"text-embedding-v1", "text-embedding-v2"}

    def serve(self, exchange: Exchange, asked: dict):
        request = exchange.request
        if request.method != "POST" or request.path != EMBEDDING_PATH:
            return answer(exchange, self.envelope("InvalidURL", "The requested URL is invalid."), 404)
        if request.get("authorization") != f"Bearer {self.key}":
            return answer(exchange, self.envelope("InvalidApiKey", "Invalid API-key provided."), 401)
        if asked.get("model") not in self.MODELS:
            return answer(exchange, self.envelope("ModelNotFound", "Model can not be found."), 404)
        texts = asked.get("input", {}).get("texts")
        kind = asked.get("parameters", {}).get("text_type", "document")
        if not isinstance(texts, list) or not 0 < len(texts) <= 25 or kind not in ("query", "document"):
            return answer(exchange, self.envelope("InvalidParameter", "Required parameter(s) missing or invalid."), 400)
        width = self.DIMENSION // 2 if self.fault == "width" else self.DIMENSION
        made = [] if self.fault == "empty" else [{"text_index": index, "embedding": vector_of(text, width)}
                                                 for index, text in enumerate(texts)]
        return answer(exchange, {"output": {"embeddings": made}, "usage": {"total_tokens": 7 * len(texts)},
                                 "request_id": f"d89c06fb-46a1-47b6-acb9-{next(self.numbers):012}"})


class DashVector(Faulty):
    """A cluster, whose collections measure by cosine. Its host name is part of what is checked."""

    def __init__(self, key: str, host: str):
        self.host = host
        self.collections: dict[str, tuple[int, dict[str, dict]]] = {}
        self._changing = threading.Lock()
        super().__init__(key)

    def create(self, name: str, dimension: int):
        self.collections[name] = (dimension, {})

    def documents(self, name: str) -> dict[str, dict]:
        return self.collections[name][1]

    def serve(self, exchange: Exchange, asked: dict):
        request = exchange.request
        if request.get("dashvector-auth-token") != self.key:
            return answer(exchange, self.envelope(-2990, "Unauthorized"), 401)
        if request.get("host") != self.host:
            return answer(exchange, self.envelope(-2990, f"no cluster {request.get('host')}"), 404)
        match = re.fullmatch(r"/v1/collections/([\w-]+)/(query|docs|docs/upsert)", request.path)
        if not match or match[1] not in self.collections:
            return answer(exchange, self.envelope(-2021, "Inexistent Collection"))
        calls = {("POST", "query"): self._query, ("POST", "docs/upsert"): self._upsert, ("DELETE", "docs"): self._delete}
        call = calls.get((request.method, match[2]))
        if call is None:
            return answer(exchange, self.envelope(-2999, "Invalid Argument"), 405)
        with self._changing:
            return answer(exchange, call(*self.collections[match[1]], asked))

    def _query(self, dimension: int, documents: dict, asked: dict) -> dict:
        unknown = asked.keys() - {"vector", "topk", "include_vector", "filter", "output_fields"}
        scope = SCOPE_FILTER.match(asked.get("filter", ""))
        if unknown or not scope:
            return self.envelope(-2999, f"Invalid Argument {unknown} {asked.get('filter')}")
        if len(asked["vector"]) != dimension:
            return self.envelope(-2019, "Mismatched Dimension")
        found = [{"id": name, "fields": {each: document["fields"][each] for each in asked["output_fields"]},
                  "score": 1 - cosine(document["vector"], asked["vector"])}
                 for name, document in documents.items() if document["fields"]["scope"] == scope[1]]
        found.sort(key=lambda each: each["score"])
        return self.envelope(0, "Success") | {"output": [] if self.fault == "empty" else found[:asked["topk"]]}

    def _upsert(self, dimension: int, documents: dict, asked: dict) -> dict:
        results = []
        if asked.keys() != {"docs"}:
            return self.envelope(-2999, f"Invalid Argument {asked.keys()}")
        for document in asked["docs"]:
            if document.keys() != {"id", "vector", "fields"} or not re.fullmatch(r"[\w\-!@#$%+=.]{1,64}", document["id"]):
                return self.envelope(-2010, "Invalid Insert/Update/Upsert Request")
            if len(document["vector"]) != dimension:
                return self.envelope(-2019, "Mismatched Dimension")
            known = document["id"] in documents
            documents[document["id"]] = document
            results.append({"doc_op": "update" if known else "insert", "id": document["id"], "code": 0, "message": ""})
        return self.envelope(0, "Success") | {"output": results}

    def _delete(self, _dimension: int, documents: dict, asked: dict) -> dict:
        if asked.keys() != {"ids"}:
            return self.envelope(-2999, f"Invalid Argument {asked.keys()}")
        for name in asked["ids"]:
            documents.pop(name, None)
        return self.envelope(0, "") | {"output": [{"doc_op": "delete", "id": name, "code": 0, "message": ""}
                                                  for name in asked["ids"]]}


def vector_of(text: str, dimension: int) -> list[float]:
    vector = [0.0] * dimension
    for word in re.findall(r"\w+", text.lower()):
        vector[zlib.crc32(word.encode()) % dimension] += 1.0
    return vector


def cosine(a: list[float], b: list[float]) -> float:
    size = math.sqrt(sum(x * x for x in a)) * math.sqrt(sum(x * x for x in b))
    return sum(x * y for x, y in zip(a, b, strict=True)) / size if size else 0.0
