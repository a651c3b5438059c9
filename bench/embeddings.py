#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Measures the embedding service, beside ONNX Runtime on the same models: behind ./dev bench embeddings.

    a text        CPU milliseconds on one core, by tokens and by texts in a batch; the two take turns
    the service   questions of about 16 tokens through HTTP, none asked twice: one after the other, and 64 at once

MYNAH_BENCH_ONNXRUNTIME names a Python that has the packages onnxruntime and numpy; without it that peer is left out.
MYNAH_BENCH_ROUNDS=3  MYNAH_BENCH_SECONDS=5
"""
import json
import os
import re
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

HERE = Path(__file__).resolve().parent
ROOT = HERE.parent
BIN = ROOT / "build/release/bin"
MODELS = ROOT / "build/release/models"
ROUNDS = int(os.environ.get("MYNAH_BENCH_ROUNDS", "3"))
SECONDS = float(os.environ.get("MYNAH_BENCH_SECONDS", "5"))
PEER = os.environ.get("MYNAH_BENCH_ONNXRUNTIME")
SHAPES = [("en", 1, 16), ("en", 16, 16), ("en", 1, 128), ("en", 1, 512),
          ("zh", 1, 16), ("zh", 16, 16), ("zh", 1, 128), ("zh", 1, 512)]

PEERS_CODE = """
import json, sys, time
import numpy, onnxruntime
options = onnxruntime.SessionOptions()
options.intra_op_num_threads = options.inter_op_num_threads = 1
found, sessions = [], {}
for language, texts, tokens in json.loads(sys.argv[2]):
    if language not in sessions:
        sessions[language] = onnxruntime.InferenceSession(f"{sys.argv[1]}/bge-small-{language}-v1.5-q/model.onnx", options)
    ids = numpy.random.randint(1000, 20000, (texts, tokens)).astype(numpy.int64)
    given = {"input_ids": ids, "attention_mask": numpy.ones_like(ids), "token_type_ids": numpy.zeros_like(ids)}
    took = []
    for _ in range(max(5, 1600 // (texts * tokens))):
        begun = time.thread_time()
        sessions[language].run(None, given)
        took.append(time.thread_time() - begun)
    found.append(sorted(took)[len(took) // 2] * 1000 / texts)
print(json.dumps(found))
"""

LUA = """
local name, count = 0, 0
function setup(thread) thread:set("id", name); name = name + 1 end
function request()
  count = count + 1
  local text = "How do I reset the password of account " .. id .. " " .. count .. " on my phone?"
  return wrk.format("POST", "/v1/embeddings", {["content-type"] = "application/json"}, '{"input": "' .. text .. '"}')
end
"""


def own_times() -> list[float]:
    """By the best variant that this machine has: the last one that ran."""
    done = subprocess.run([BIN / "embed_bench", "--benchmark_filter=run_texts", "--benchmark_format=json",
                           "--benchmark_min_time=0.2"], capture_output=True, text=True, check=True)
    found = {}
    for each in json.loads(done.stdout)["benchmarks"]:
        if not each.get("error_occurred"):
            chinese, texts, tokens = map(int, re.findall(r":(\d+)", each["name"])[:3])
            found["zh" if chinese else "en", texts, tokens] = each["cpu_time"] / 1000 / texts
    return [found[shape] for shape in SHAPES]


def peers_times() -> list[float]:
    done = subprocess.run([PEER, "-c", PEERS_CODE, MODELS, json.dumps(SHAPES)], capture_output=True, text=True, check=True)
    return json.loads(done.stdout)


def milliseconds(text: str) -> float:
    number, unit = re.fullmatch(r"([\d.]+)(us|ms|s)", text).groups()
    return float(number) * {"us": 0.001, "ms": 1, "s": 1000}[unit]


def load(address: str, connections: int, script: Path) -> tuple[float, float, float]:
    """Answers a second, and the milliseconds that half of them and all but one in a hundred took at most."""
    done = subprocess.run(["wrk", "-t1", f"-c{connections}", f"-d{SECONDS:.0f}s", "--latency", "-s", script,
                           f"http://{address}"], capture_output=True, text=True, check=True).stdout
    if "Non-2xx" in done:
        sys.exit(f"the service refused questions:\n{done}")
    share = {name: milliseconds(value) for name, value in re.findall(r"^ +(50%|99%) +(\S+)$", done, re.M)}
    return float(re.search(r"Requests/sec:\s+([\d.]+)", done).group(1)), share["50%"], share["99%"]


def service_figures() -> list[tuple[str, float, float, float, float]]:
    with tempfile.TemporaryDirectory() as folder:
        config, script = Path(folder, "mynah.yaml"), Path(folder, "questions.lua")
        config.write_text("gateway: {listeners: [{address: 127.0.0.1:0}], access_log: {enabled: false}}\n"
                          "console: {address: 127.0.0.1:0}\n"
                          "routes: [{name: all, match: {path: {prefix: /}}, service: embedder}]\n")
        script.write_text(LUA)
        with subprocess.Popen([BIN / "mynah", "run", "--config", config, "--data", Path(folder, "data")],
                              stdout=subprocess.PIPE, text=True) as gateway:
            try:
                figures = ask_questions(gateway, script)
            finally:
                gateway.terminate()
    return figures


def ask_questions(gateway: subprocess.Popen, script: Path) -> list[tuple[str, float, float, float, float]]:
    line = next(line for line in gateway.stdout if line.startswith("ready"))
    address = re.search(r"http://(\S+)", line).group(1)
    load(address, 1, script)  # reads the model
    figures = []
    for name, connections in (("one after the other", 1), ("64 at once", 64)):
        cpu = processor_seconds(gateway.pid)
        rate, half, most = load(address, connections, script)
        used = processor_seconds(gateway.pid) - cpu
        figures.append((name, rate, half, most, used * 1000 / (rate * SECONDS)))
    return figures


def processor_seconds(pid: int) -> float:
    fields = Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def main() -> int:
    subprocess.run(["cmake", "--build", ROOT / "build/release", "--", "embed_bench", "mynah"], cwd=ROOT, check=True,
                   stdout=subprocess.DEVNULL)
    own, peers = [], []
    for _ in range(ROUNDS):
        own.append(own_times())
        if PEER:
            peers.append(peers_times())
    rows = ["| model | texts | tokens each | mynah, CPU ms a text | ONNX Runtime |", "|---|---|---|---|---|"]
    for index, (language, texts, tokens) in enumerate(SHAPES):
        ours = statistics.median(each[index] for each in own)
        theirs = statistics.median(each[index] for each in peers) if peers else None
        shown = f"{theirs:.2f} ({theirs / ours:.2f}×)" if theirs else "not there"
        rows.append(f"| {language} | {texts} | {tokens} | {ours:.2f} | {shown} |")
    rows += ["", "| questions over HTTP | answers a second | p50 ms | p99 ms | CPU ms an answer |", "|---|---|---|---|---|"]
    for name, rate, half, most, cpu in service_figures():
        rows.append(f"| {name} | {rate:,.0f} | {half:.2f} | {most:.2f} | {cpu:.2f} |")
    text = "\n".join(rows)
    print(text)
    with (HERE / "RESULTS.md").open("a") as kept:
        kept.write(f"\n## Embeddings, {time.strftime('%Y-%m-%d %H:%M')}\n\n`./dev bench embeddings`, {ROUNDS} rounds, "
                   f"{SECONDS:.0f} s of questions over HTTP, {os.cpu_count()} cores with the load on the same ones.\n\n{text}\n")
    return 0


if __name__ == "__main__":
    sys.exit(main())
