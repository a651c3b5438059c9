# SPDX-License-Identifier: Apache-2.0
"""The embedded vector index: reached by a route and by a plug-in, without anything declared, and kept over restarts and
kills of the process."""
import json
import random
from urllib.parse import quote

import httpx
import pytest

from harness import configs
from harness.plugins import probe
from harness.program import Gateway
from harness.raw import can_connect
from harness.until import until


@pytest.fixture
def vectors_config():
    return configs.config([], [configs.route("vectors", "vectors")])


class Client:
    """Calls of DashVector's interface; each checks the envelope and gives the code and the output."""

    def __init__(self, gateway: Gateway):
        host, port = gateway.listener()
        self.base = f"http://{host}:{port}"

    def ask(self, method: str, path: str, body=None, status: int = 200):
        answer = httpx.request(method, self.base + path, json=body, timeout=20, trust_env=False,
                               headers={"dashvector-auth-token": "any"})
        assert answer.status_code == status, answer.text
        told = answer.json()
        assert told["request_id"] and isinstance(told["message"], str)
        return told["code"], told.get("output")

    def insert(self, collection: str, *docs: dict):
        return self.ask("POST", f"/v1/collections/{collection}/docs", {"docs": docs})

    def nearest(self, collection: str, vector: list[float], **more):
        return self.ask("POST", f"/v1/collections/{collection}/query", {"vector": vector, "topk": 1} | more)


def test_documents_go_in_and_out_by_a_route(start, vectors_config):
    client = Client(start(vectors_config))
    made = client.ask("POST", "/v1/collections", {"name": "quickstart", "dimension": 4, "metric": "euclidean",
                                                  "fields_schema": {"name": "STRING"}})
    assert made == (0, None)
    assert client.insert("quickstart", {"id": "1", "vector": [0.1, 0.2, 0.3, 0.4], "fields": {"name": "one"}},
                         {"id": "2", "vector": [4, 3, 2, 1], "fields": {"name": "two", "age": 7}})[0] == 0
    code, found = client.nearest("quickstart", [4, 3, 2, 0], include_vector=True)
    assert code == 0 and found[0]["id"] == "2" and found[0]["fields"] == {"name": "two", "age": 7}
    assert found[0]["score"] == pytest.approx(1, abs=1e-3)
    assert found[0]["vector"] == pytest.approx([4, 3, 2, 1], abs=1e-3)
    assert client.nearest("quickstart", [4, 3, 2, 0], filter="name = 'one'")[1][0]["id"] == "1"
    assert client.ask("DELETE", "/v1/collections/quickstart/docs", {"ids": ["2"]})[0] == 0
    assert client.nearest("quickstart", [4, 3, 2, 0])[1][0]["id"] == "1"
    assert client.ask("GET", "/v1/collections/quickstart/docs?ids=1,2")[1].keys() == {"1"}
    assert client.ask("GET", "/v1/collections/quickstart/stats")[1]["total_doc_count"] == "1"
    assert client.ask("GET", "/v1/nowhere", status=404)[0] == -2999
    assert client.ask("POST", "/v1/collections/missing/query", {"vector": [1]})[0] == -2021


def test_another_dimension_is_refused_with_what_is_wrong(start, vectors_config):
    client = Client(start(vectors_config))
    client.insert("default", {"id": "1", "vector": [1, 0, 0]})
    code, results = client.insert("default", {"id": "2", "vector": [1, 0]})
    assert code == 0 and results[0]["code"] == -2019
    assert "2 dimensions" in results[0]["message"] and "has 3" in results[0]["message"]


def test_a_body_that_is_too_large_is_refused_and_others_go_on(start):
    config = configs.config([], [configs.route("vectors", "vectors")], limits={"body_bytes": "64MiB"})
    gateway = start(config)
    client = Client(gateway)
    answer = httpx.post(client.base + "/v1/collections/default/docs", content=b" " * (33 << 20), timeout=30, trust_env=False)
    assert answer.status_code == 413 and answer.json()["code"] == -2970
    assert client.insert("default", {"id": "1", "vector": [1, 0, 0]})[0] == 0


def test_a_plugin_writes_to_the_index_by_its_name(start, origin):
    document = quote(json.dumps({"docs": [{"id": "from-plugin", "vector": [0, 1], "fields": {"query": "Q"}}]}))
    call = "request_headers: http vectors :method=POST,:path=/v1/collections/cache/docs,:authority=vectors " + document
    gateway = start(configs.config([configs.service("origin", origin.port)],
                                   [configs.route("direct", "vectors", "/v1/"), configs.route("all", "origin")],
                                   plugins=[probe(call)]))
    client = Client(gateway)
    httpx.get(client.base + origin.case(), timeout=20, trust_env=False)
    until(lambda: client.nearest("cache", [0, 1])[1], "the plug-in's document is found", 10)
    assert client.nearest("cache", [0, 1])[1][0]["fields"] == {"query": "Q"}


def test_documents_survive_a_restart_and_a_kill(start, vectors_config):
    gateway = start(vectors_config)
    client = Client(gateway)
    dice = random.Random(1)
    docs = [{"id": str(i), "vector": [dice.gauss(0, 1) for _ in range(8)], "fields": {"n": i}} for i in range(900)]
    for from_ in range(0, 900, 300):
        client.insert("default", *docs[from_:from_ + 300])
    gateway.stop()
    start_again(gateway)
    assert client.ask("GET", "/v1/collections/default/stats")[1]["total_doc_count"] == "900"
    assert client.nearest("default", docs[700]["vector"])[1][0]["id"] == "700"

    client.insert("default", {"id": "late", "vector": [9] * 8})
    until(lambda: "late" in kept_on_disk(gateway), "what was written last is on disk", 5)
    gateway.kill()
    start_again(gateway)
    assert client.nearest("default", [9] * 8)[1][0]["id"] == "late"
    assert client.nearest("default", docs[3]["vector"])[1][0]["id"] == "3"


def start_again(gateway: Gateway):
    """The line that says ready is there from the first start, so it is the port that tells."""
    gateway.start()
    until(lambda: can_connect(gateway.listener()), "the gateway listens again", 20)


def kept_on_disk(gateway: Gateway) -> str:
    return "".join(file.read_bytes().decode("latin-1") for file in (gateway.folder / "data/vectors").glob("log-*"))
