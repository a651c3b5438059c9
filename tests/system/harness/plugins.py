# SPDX-License-Identifier: Apache-2.0
"""Plug-ins in a gateway's configuration: those of others, with a place where their compiled code is kept between runs,
and one that does what a script says."""
import os
from pathlib import Path

import pytest

from harness.program import PRESET, ROOT

CACHE = Path(os.environ.get("MYNAH_DEPS", Path.home() / ".cache/mynah"))
THIRD_PARTY = Path(os.environ.get("MYNAH_THIRD_PARTY_PLUGINS", CACHE / "third-party-plugins"))
COMPILED = Path(os.environ.get("MYNAH_TEST_CACHE", CACHE / "compiled-plugins"))

# What the build makes for tests.
MODULES = ROOT / "build" / PRESET / "testdata"


def third_party(name: str, config: dict, *, entry: str | None = None, **more) -> dict:
    """The entry of a prebuilt plug-in; `entry` is its id when one file is used twice."""
    file = next((THIRD_PARTY / name).glob("*/plugin.wasm"))
    return {"id": entry or name, "wasm": str(file), "config": config, "on_failure": "closed"} | more


def keep_compiled(folder: Path) -> Path:
    """Lets the gateway of that folder find what was compiled before: a Go plug-in takes seconds to compile."""
    COMPILED.mkdir(parents=True, exist_ok=True)
    data = folder / "data"
    data.mkdir(parents=True, exist_ok=True)
    (data / "modules").symlink_to(COMPILED)
    return folder


def probe(*script: str, entry: str = "probe", **more) -> dict:
    """The test plug-in, which does what its script says: src/wasm/testdata/probe_testing.cc."""
    return {"id": entry, "wasm": str(MODULES / "probe.wasm"), "config": {"do": list(script)}} | more


def sdk_plugin(sdk: str) -> Path:
    """The scripted plug-in as one public SDK makes it: tests/plugins/README.md."""
    file = CACHE / "sdk-plugins" / f"{sdk}.wasm"
    if not file.exists():
        pytest.skip((file.with_suffix(".missing").read_text() if file.with_suffix(".missing").exists() else f"{file} is not built").strip())
    return file
