# SPDX-License-Identifier: Apache-2.0
"""The description of the admin API: that of the repository is the program's, and every call says who may make it."""
import json
import os

import pytest
from harness import configs
from harness.program import ROOT, Gateway
from harness.raw import ask


@pytest.fixture(scope="module", name="description")
def fixture_description(origin, tmp_path_factory):
    with Gateway(configs.simple(origin.port), tmp_path_factory.mktemp("described")) as gateway:
        yield ask(gateway.console(), "GET /api/v1/openapi.json").text()


def test_the_description_in_the_repository_is_fresh(description):
    path = ROOT / "schema/openapi.json"
    if "UPDATE" in os.environ:
        path.write_text(description)

    assert path.read_text() == description, f"{path} is stale: run this test with UPDATE=1"


def test_only_these_calls_are_open_to_everybody(description):
    paths = json.loads(description)["paths"]

    calls = {f"{method} {path}" for path, methods in paths.items() for method, call in methods.items()
             if call["x-access"] == "everybody"}

    assert calls == {"get /healthz", "get /readyz", "get /metrics", "get /api/v1/openapi.json", "post /api/v1/session"}
