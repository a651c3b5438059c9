#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Compares plain proxying with nginx and Envoy, side by side in one run: behind ./dev bench http.

The gateway under test has core 0 for itself, load and upstream share core 1. Every peer is started afresh in every round,
the order turns round with each, and figures are medians over the rounds. What is judged first is the peer's own processor
time for a request: of all figures noise hurts it least.

    POST       300 bytes there, 600 bytes back, 64 kept connections, closed loop: requests a second, µs of CPU a request
    p99        the same at a fixed rate over 32 connections, latency from the instant when a request was due
    stream     50 server-sent events, each in a write of its own, 8 connections: µs of CPU a stream
    idle       5000 kept connections after one request each, at rest for a second: resident memory

    MYNAH_BENCH_ROUNDS=3  MYNAH_BENCH_SECONDS=3  MYNAH_BENCH_RATE=3000  MYNAH_BENCH_PEERS=mynah,nginx,envoy
"""
import json
import os
import platform
import shutil
import signal
import socket
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

HERE = Path(__file__).resolve().parent
ROOT = HERE.parent
CACHE = Path(os.environ.get("MYNAH_DEPS", Path.home() / ".cache/mynah"))
TOOLS = ROOT / "build/bench"
PEER_CORE, LOAD_CORE = "0", "1"
ROUNDS = int(os.environ.get("MYNAH_BENCH_ROUNDS", "3"))
SECONDS = float(os.environ.get("MYNAH_BENCH_SECONDS", "3"))
RATE = float(os.environ.get("MYNAH_BENCH_RATE", "3000"))
IDLE = 5000
SETTLE = 1
MIB = 1 << 20


def build_tools():
    TOOLS.mkdir(parents=True, exist_ok=True)
    for name in ("upstream", "load"):
        source, made = HERE / f"{name}.cc", TOOLS / name
        newest = max(source.stat().st_mtime, (HERE / "wire.h").stat().st_mtime)
        if not made.exists() or made.stat().st_mtime < newest:
            subprocess.run(["clang++-19", "-std=c++23", "-O2", str(source), "-o", str(made)], check=True)


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def pinned(core: str, *command: str) -> list[str]:
    return ["taskset", "-c", core, *command]


# ---- Peers: each writes its configuration into a folder and names its command

def mynah(folder: Path, port: int, upstream: int, plugins=()) -> list[str]:
    config = {"gateway": {"listeners": [{"address": f"127.0.0.1:{port}"}], "workers": 1, "access_log": {"enabled": False}},
              "console": {"address": f"127.0.0.1:{free_port()}"},
              "services": [{"name": "upstream", "endpoints": [f"127.0.0.1:{upstream}"]}],
              "routes": [{"name": "all", "service": "upstream"}], "plugins": list(plugins)}
    (folder / "mynah.yaml").write_text(json.dumps(config))
    return [str(ROOT / "build/release/bin/mynah"), "run", "--config", str(folder / "mynah.yaml"), "--data", str(folder / "data")]


def nginx(folder: Path, port: int, upstream: int) -> list[str]:
    temporary = "\n".join(f"  {kind}_temp_path {folder}/{kind};" for kind in ("client_body", "proxy", "fastcgi", "uwsgi", "scgi"))
    (folder / "nginx.conf").write_text(f"""
worker_processes 1; daemon off; pid {folder}/pid; error_log {folder}/error.log; worker_rlimit_nofile 65536;
events {{ worker_connections 16384; }}
http {{
{temporary}
  access_log off; tcp_nodelay on; proxy_buffering off; keepalive_requests 100000000; client_body_buffer_size 64k;
  upstream upstream {{ server 127.0.0.1:{upstream}; keepalive 512; keepalive_requests 100000000; }}
  server {{
    listen 127.0.0.1:{port} backlog=4096;
    location / {{ proxy_pass http://upstream; proxy_http_version 1.1; proxy_set_header Connection ""; proxy_set_header Host $host; }}
  }}
}}
""")
    return ["nginx", "-c", str(folder / "nginx.conf"), "-e", str(folder / "error.log")]


def envoy(folder: Path, port: int, upstream: int, filters=()) -> list[str]:
    manager = "type.googleapis.com/envoy.extensions.filters.network.http_connection_manager.v3.HttpConnectionManager"
    router = "type.googleapis.com/envoy.extensions.filters.http.router.v3.Router"
    routes = {"virtual_hosts": [{"name": "all", "domains": ["*"], "routes": [
        {"match": {"prefix": "/"}, "route": {"cluster": "upstream", "timeout": "0s"}}]}]}
    chain = {"filters": [{"name": "http", "typed_config": {
        "@type": manager, "stat_prefix": "in", "route_config": routes,
        "http_filters": [*filters, {"name": "router", "typed_config": {"@type": router}}]}}]}

    def at(which: int) -> dict:
        return {"socket_address": {"address": "127.0.0.1", "port_value": which}}
    cluster = {"name": "upstream", "type": "STATIC",
               "circuit_breakers": {"thresholds": [{"max_connections": 8192, "max_pending_requests": 8192, "max_requests": 8192}]},
               "load_assignment": {"cluster_name": "upstream", "endpoints": [
                   {"lb_endpoints": [{"endpoint": {"address": at(upstream)}}]}]}}
    (folder / "envoy.json").write_text(json.dumps({"static_resources": {
        "listeners": [{"address": at(port), "filter_chains": [chain]}], "clusters": [cluster]}}))
    return [str(envoy_binary()), "-c", str(folder / "envoy.json"), "--concurrency", "1", "--log-level", "error",
            "--base-id", str(port), "--disable-hot-restart"]


def envoy_binary() -> Path:
    """Where ./dev bench has installed it."""
    return next(path for path in (CACHE / "envoy").glob("**/envoy*") if path.is_file() and path.stat().st_size > 50 * MIB)


PEERS = {"mynah": mynah, "nginx": nginx, "envoy": envoy}


def available() -> list[str]:
    wanted = os.environ.get("MYNAH_BENCH_PEERS", ",".join(PEERS)).split(",")
    found = []
    for name in wanted:
        try:
            if name == "nginx" and not shutil.which("nginx"):
                raise FileNotFoundError("nginx is not installed")
            if name == "envoy":
                envoy_binary()
            found.append(name)
        except (OSError, StopIteration) as reason:
            print(f"left out: {name} ({reason})", flush=True)
    return found


# ---- Measuring

class Running:
    """A peer on its core."""

    def __init__(self, name: str, upstream: int):
        self.name, self.port = name, free_port()
        self.folder = Path(tempfile.mkdtemp(prefix=f"mynah-bench-{name}-"))
        command = PEERS[name](self.folder, self.port, upstream)
        self.log = (self.folder / "log").open("wb")
        self.process = subprocess.Popen(pinned(PEER_CORE, *command), stdout=self.log, stderr=self.log, cwd=self.folder,
                                        stdin=subprocess.DEVNULL, start_new_session=True)
        self.await_port()

    def await_port(self):
        end = time.monotonic() + 120
        while True:
            try:
                socket.create_connection(("127.0.0.1", self.port), 1).close()
                return
            except OSError:
                if self.process.poll() is not None or time.monotonic() > end:
                    self.close()
                    sys.exit(f"{self.name} does not start:\n{(self.folder / 'log').read_text()[-2000:]}")
                time.sleep(0.05)

    def processes(self) -> list[int]:
        """The process and its children."""
        children = subprocess.run(["ps", "-o", "pid=", "--ppid", str(self.process.pid)], capture_output=True, text=True, check=False)
        return [self.process.pid, *map(int, children.stdout.split())]

    def cpu_seconds(self) -> float:
        total = 0
        for pid in self.processes():
            for task in Path(f"/proc/{pid}/task").iterdir():
                total += int((task / "schedstat").read_text().split()[0])
        return total / 1e9

    def resident_bytes(self) -> int:
        return sum(int(Path(f"/proc/{pid}/statm").read_text().split()[1]) for pid in self.processes()) * os.sysconf("SC_PAGE_SIZE")

    def close(self):
        if self.process.poll() is None:
            os.killpg(self.process.pid, signal.SIGKILL)
        self.process.wait()
        self.log.close()
        shutil.rmtree(self.folder, ignore_errors=True)


def load(*arguments) -> dict:
    done = subprocess.run(pinned(LOAD_CORE, str(TOOLS / "load"), *map(str, arguments)), capture_output=True, text=True,
                          timeout=120, check=True)
    return json.loads(done.stdout)


def measure(peer: Running) -> dict:
    load("closed", peer.port, 64, 0.2)
    figures = {"errors": 0}
    before = peer.cpu_seconds()
    closed = load("closed", peer.port, 64, SECONDS)
    figures["cpu"] = (peer.cpu_seconds() - before) / closed["answered"] * 1e6
    figures["rps"] = closed["requests"] / closed["seconds"]
    rated = load("rate", peer.port, 32, SECONDS, RATE)
    figures["p50"], figures["p99"] = rated["p50_us"], rated["p99_us"]
    before = peer.cpu_seconds()
    streamed = load("stream", peer.port, 8, SECONDS)
    figures["stream"] = (peer.cpu_seconds() - before) / streamed["answered"] * 1e6
    figures["errors"] = sum(each["errors"] for each in (closed, rated, streamed))
    figures["start"] = peer.resident_bytes() / MIB
    with subprocess.Popen(pinned(LOAD_CORE, str(TOOLS / "load"), "idle", str(peer.port), str(IDLE)), stdin=subprocess.PIPE,
                          stdout=subprocess.PIPE) as idle:
        idle.stdout.readline()
        time.sleep(SETTLE)  # What is kept for connections at rest, not the height of the burst before.
        figures["idle"] = peer.resident_bytes() / MIB
        idle.stdin.close()
    return figures


COLUMNS = [("cpu", "CPU µs a POST", 2), ("rps", "POST/s", 0), ("p50", "p50 µs", 0), ("p99", "p99 µs", 0),
           ("stream", "CPU µs a stream", 1), ("idle", f"MiB, {IDLE} idle", 1), ("errors", "errors", 0)]


def table(results: dict[str, list[dict]]) -> str:
    middle = {name: {key: statistics.median(each[key] for each in rounds) for key, _, _ in COLUMNS}
              for name, rounds in results.items()}
    base = middle.get("nginx")
    lines = ["| | " + " | ".join(title for _, title, _ in COLUMNS) + " |", "|---" * (len(COLUMNS) + 1) + "|"]
    for name, figures in middle.items():
        cells = []
        for key, _, digits in COLUMNS:
            ratio = f" ({figures[key] / base[key]:.2f}×)" if base and name != "nginx" and key != "errors" and base[key] else ""
            cells.append(f"{figures[key]:,.{digits}f}{ratio}")
        lines.append(f"| {name} | " + " | ".join(cells) + " |")
    return "\n".join(lines)


def versions(names: list[str]) -> str:
    told = [f"kernel {platform.release()}"]
    commit = subprocess.run(["git", "rev-parse", "--short", "HEAD"], cwd=ROOT, capture_output=True, text=True, check=False)
    told.append(f"mynah {commit.stdout.strip()}")
    if "nginx" in names:
        told.append(subprocess.run(["nginx", "-v"], capture_output=True, text=True, check=False).stderr.split(": ")[-1].strip())
    if "envoy" in names:
        told.append("envoy " + (HERE / "requirements-envoy.txt").read_text().split("==")[1].split()[0])
    return ", ".join(told)


def main() -> int:
    if os.cpu_count() < 2:
        print("two cores are needed: one for the peer, one for load and upstream", file=sys.stderr)
        return 2
    build_tools()
    names = available()
    port = free_port()
    results: dict[str, list[dict]] = {name: [] for name in names}
    with subprocess.Popen(pinned(LOAD_CORE, str(TOOLS / "upstream"), str(port))) as upstream:
        try:
            for number in range(ROUNDS):
                for name in names if number % 2 == 0 else reversed(names):
                    peer = Running(name, port)
                    try:
                        results[name].append(measure(peer))
                    finally:
                        peer.close()
                    told = ", ".join(f"{title} {results[name][-1][key]:.{digits}f}" for key, title, digits in COLUMNS)
                    print(f"round {number + 1}, {name}: {told}", flush=True)
        finally:
            upstream.kill()
    text = table(results)
    print(f"\n{text}\n(in brackets: compared with nginx of the same run; a fixed rate of {RATE:.0f}/s for p50 and p99)")
    with (HERE / "RESULTS.md").open("a") as kept:
        kept.write(f"\n## Plain proxying, {time.strftime('%Y-%m-%d %H:%M')}\n\n`./dev bench http`, {ROUNDS} rounds of {SECONDS:.0f} s, "
                   f"{RATE:.0f}/s for p50 and p99; {versions(names)}; ratios to nginx of the same run in brackets.\n\n{text}\n")
    return 1 if any(each["errors"] for rounds in results.values() for each in rounds) else 0


if __name__ == "__main__":
    sys.exit(main())
