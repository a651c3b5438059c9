#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""What plug-ins cost a request, beside Envoy with the same plug-ins in the same run: behind ./dev bench wasm.

Both gateways forward the request of ./dev bench http (POST, 300 bytes there, 600 back, 64 kept connections) through a chain
of plug-ins. The figure is the gateway's own processor time for a request, less that of the same gateway without plug-ins:

    noop           a plug-in that does nothing           (bench/plugins/)
    headers        one that reads a header and sets one, in both directions
    ten            ten of the latter
    transformer    Go, adds a request header             (of gpustack-higress-plugins, as they come)
    statistics     Go, reads both bodies
    three          both, and ai-data-masking (Rust)

Envoy knows the ABI of the family's plug-ins by an older name only, so that it gets copies whose mark is renamed.

    MYNAH_BENCH_ROUNDS=3  MYNAH_BENCH_SECONDS=3  MYNAH_BENCH_CHAINS=noop,headers,…
"""
import importlib.util
import json
import os
import statistics
import subprocess
import sys
import time
from pathlib import Path

HERE = Path(__file__).resolve().parent
_spec = importlib.util.spec_from_file_location("proxying", HERE / "http.py")
proxying = importlib.util.module_from_spec(_spec)
_spec.loader.exec_module(proxying)

MADE = proxying.TOOLS / "plugins"
OTHERS = proxying.CACHE / "third-party-plugins"
COMPILED = proxying.CACHE / "compiled-plugins"
FLAGS = ["--target=wasm32", "-std=c++20", "-O2", "-nostdlib", "-fno-exceptions", "-Wl,--no-entry", "-Wl,--allow-undefined"]

TRANSFORMER = ("transformer", {"reqRules": [{"operate": "add", "headers": [{"key": "x-bench", "value": "1"}]}]})
STATISTICS = ("ai-statistics", {})
MASKING = ("ai-data-masking", {"deny_openai": True, "deny_words": ["forbiddenword"],
                               "replace_roles": [{"regex": "%{MOBILE}", "type": "replace", "value": "***"}]})
CHAINS = {"plain": [], "noop": [("noop", {})], "headers": [("headers", {})], "ten": [("headers", {})] * 10,
          "transformer": [TRANSFORMER], "statistics": [STATISTICS], "three": [TRANSFORMER, STATISTICS, MASKING]}
# What a plug-in may add: microseconds, or a share of what it adds in Envoy.
AIMS = {"noop": (1, None), "headers": (2, None), "ten": (15, None), "transformer": (None, 0.5), "statistics": (None, 0.5),
        "three": (None, 0.5)}


def build_plugins():
    MADE.mkdir(parents=True, exist_ok=True)
    for source in (HERE / "plugins").glob("*.cc"):
        made = MADE / f"{source.stem}.wasm"
        newest = max(source.stat().st_mtime, (HERE / "plugins/plugin.h").stat().st_mtime)
        if not made.exists() or made.stat().st_mtime < newest:
            subprocess.run(["clang++-19", *FLAGS, str(source), "-o", str(made)], check=True)


def file_of(name: str) -> Path:
    """The module: one of ours, or one of the package that ./dev test installs."""
    own = MADE / f"{name}.wasm"
    return own if own.exists() else next((OTHERS / name).glob("*/plugin.wasm"))


# ---- Renaming the mark of the ABI

def number(data: bytes, at: int) -> tuple[int, int]:
    """An unsigned LEB128 number and where it ends."""
    value = shift = 0
    while True:
        byte = data[at]
        value |= (byte & 0x7f) << shift
        at, shift = at + 1, shift + 7
        if byte < 0x80:
            return value, at


def leb(value: int) -> bytes:
    told = bytearray()
    while value >= 0x80:
        told.append(value & 0x7f | 0x80)
        value >>= 7
    return bytes(told + bytes([value]))


def for_envoy(name: str) -> Path:
    """The file itself, or a copy with the mark that Envoy knows."""
    old, new = b"proxy_abi_version_0_2_100", b"proxy_abi_version_0_2_1"
    module = file_of(name).read_bytes()
    if leb(len(old)) + old not in module:
        return file_of(name)
    exports = 7
    at, out = 8, bytearray(module[:8])
    while at < len(module):
        kind = module[at]
        size, begin = number(module, at + 1)
        body = module[begin:begin + size]
        if kind == exports:
            body = body.replace(leb(len(old)) + old, leb(len(new)) + new)
        out += bytes([kind]) + leb(len(body)) + body
        at = begin + size
    made = MADE / f"{name}.envoy.wasm"
    made.write_bytes(out)
    return made


# ---- The two gateways with a chain of plug-ins

def mynah_with(chain):
    def command(folder: Path, port: int, upstream: int) -> list[str]:
        data = folder / "data"
        data.mkdir()
        COMPILED.mkdir(parents=True, exist_ok=True)
        (data / "modules").symlink_to(COMPILED)
        plugins = [{"id": f"{name}-{place}", "wasm": str(file_of(name)), "config": config, "priority": 100 - place}
                   for place, (name, config) in enumerate(chain)]
        return proxying.mynah(folder, port, upstream, plugins)
    return command


def envoy_with(chain):
    def one(place: int, name: str, config: dict) -> dict:
        return {"name": f"wasm{place}", "typed_config": {
            "@type": "type.googleapis.com/envoy.extensions.filters.http.wasm.v3.Wasm", "config": {
                "name": name, "root_id": name, "allow_on_headers_stop_iteration": True,
                "vm_config": {"vm_id": f"{name}{place}", "runtime": "envoy.wasm.runtime.v8",
                              "code": {"local": {"filename": str(for_envoy(name))}}},
                "configuration": {"@type": "type.googleapis.com/google.protobuf.StringValue", "value": json.dumps(config)}}}}

    def command(folder: Path, port: int, upstream: int) -> list[str]:
        return proxying.envoy(folder, port, upstream, [one(place, *each) for place, each in enumerate(chain)])
    return command


def measure(peer) -> dict:
    """Microseconds of processor time a request, and errors."""
    proxying.load("closed", peer.port, 64, 0.5)
    before = peer.cpu_seconds()
    told = proxying.load("closed", peer.port, 64, proxying.SECONDS)
    return {"cpu": (peer.cpu_seconds() - before) / told["answered"] * 1e6, "errors": told["errors"]}


def table(results: dict) -> tuple[str, bool]:
    """The figures, and whether each aim is met."""
    middle = {key: statistics.median(each["cpu"] for each in rounds) for key, rounds in results.items()}
    lines = ["| plug-ins | Mynah µs | adds | Envoy µs | adds | Mynah adds, of Envoy | aim | |", "|---" * 8 + "|"]
    all_met = True
    for chain in CHAINS:
        if f"mynah-{chain}" not in middle:
            continue
        own, other = middle[f"mynah-{chain}"], middle[f"envoy-{chain}"]
        adds, other_adds = own - middle["mynah-plain"], other - middle["envoy-plain"]
        if chain == "plain":
            lines.append(f"| none | {own:.1f} | | {other:.1f} | | | | |")
            continue
        most, share = AIMS[chain]
        met = adds <= most if most is not None else own <= share * other
        all_met &= met
        aim = f"+{most} µs" if most is not None else f"≤ {share:.0%} of Envoy's {other:.0f} µs"
        lines.append(f"| {chain} | {own:.1f} | +{adds:.1f} | {other:.1f} | +{other_adds:.1f} | {adds / other_adds:.2f}× | {aim} | "
                     f"{'met' if met else '**missed**'} |")
    return "\n".join(lines), all_met


def main() -> int:
    if os.cpu_count() < 2:
        print("two cores are needed: one for the gateway, one for load and upstream", file=sys.stderr)
        return 2
    if not OTHERS.exists():
        print("the plug-ins of others are not installed: ./dev bench does that", file=sys.stderr)
        return 2
    proxying.build_tools()
    build_plugins()
    wanted = os.environ.get("MYNAH_BENCH_CHAINS", ",".join(CHAINS)).split(",")
    chains = {name: chain for name, chain in CHAINS.items() if name in wanted or name == "plain"}
    peers = {}
    for name, chain in chains.items():
        peers[f"mynah-{name}"], peers[f"envoy-{name}"] = mynah_with(chain), envoy_with(chain)
    proxying.PEERS.update(peers)
    proxying.envoy_binary()
    port = proxying.free_port()
    results = {key: [] for key in peers}
    with subprocess.Popen(proxying.pinned(proxying.LOAD_CORE, str(proxying.TOOLS / "upstream"), str(port))) as upstream:
        try:
            for turn in range(proxying.ROUNDS):
                for key in list(peers) if turn % 2 == 0 else reversed(list(peers)):
                    peer = proxying.Running(key, port)
                    try:
                        results[key].append(measure(peer))
                    finally:
                        peer.close()
                    print(f"round {turn + 1}, {key}: {results[key][-1]['cpu']:.1f} µs", flush=True)
        finally:
            upstream.kill()
    text, met = table(results)
    print(f"\n{text}")
    with (HERE / "RESULTS.md").open("a") as kept:
        kept.write(f"\n## Plug-ins, {time.strftime('%Y-%m-%d %H:%M')}\n\n`./dev bench wasm`, {proxying.ROUNDS} rounds of "
                   f"{proxying.SECONDS:.0f} s; {proxying.versions(['envoy'])}. Processor time of the gateway for a request, and what the "
                   f"plug-ins add to it.\n\n{text}\n")
    errors = any(each["errors"] for rounds in results.values() for each in rounds)
    return 1 if errors or not met else 0


if __name__ == "__main__":
    sys.exit(main())
