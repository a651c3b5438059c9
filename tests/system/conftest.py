# SPDX-License-Identifier: Apache-2.0
"""Fixtures of the whole-program tests. `edge` is a gateway in front of one scripted origin that most tests share: each
takes a path of its own from `origin.case(script)`. Tests that need other limits, or end the gateway, start their own by
`start`."""
import sys
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).parent))

# pylint: disable=wrong-import-position,redefined-outer-name
from harness import certs, configs
from harness.origin import Origin
from harness.program import BINARY, Gateway


def pytest_configure(config):  # pylint: disable=unused-argument
    if not BINARY.exists():
        raise pytest.UsageError(f"{BINARY} is not built: ./dev build")


@pytest.fixture(scope="session")
def authority(tmp_path_factory):
    return certs.Authority(tmp_path_factory.mktemp("certificates"))


@pytest.fixture(scope="session")
def origin():
    with Origin() as shared:
        yield shared
        assert not shared.failures, shared.failures


@pytest.fixture(scope="session")
def shared_gateway(origin, tmp_path_factory):
    with Gateway(configs.simple(origin.port), tmp_path_factory.mktemp("shared")) as gateway:
        yield gateway


@pytest.fixture
def edge(shared_gateway):
    """The address of the shared gateway; after each test it is alive and has reported nothing."""
    yield shared_gateway.listener()
    shared_gateway.check()
    assert shared_gateway.process.poll() is None, shared_gateway.tail()


@pytest.fixture
def start(tmp_path):
    """start(config) is a running gateway; all end, and are judged, with the test. `prepare` is given each one's folder."""
    running = []

    def start_one(config, prepare=lambda folder: folder, **more) -> Gateway:
        gateway = Gateway(config, prepare(tmp_path / f"gateway{len(running)}"), **more)
        running.append(gateway)
        gateway.start()
        return gateway

    yield start_one
    try:
        for gateway in running:
            gateway.stop()
    finally:
        for gateway in running:
            gateway.kill()
