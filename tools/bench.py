#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Builds and runs the benchmarks: behind ./dev bench.

    ./dev bench            every benchmark
    ./dev bench http       those of one folder of src/, or the comparison bench/http.py

Benchmarks of single parts lie beside the code (src/<layer>/*_bench.cc); each script bench/<name>.py compares the whole
program with its peers.
"""
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent


def benchmarks() -> dict[str, list[str]]:
    """Name → command, in the order of running."""
    layers = sorted({path.parent.relative_to(ROOT / "src").parts[0] for path in ROOT.glob("src/**/*_bench.cc")})
    found = {layer: [f"build/release/bin/{layer}_bench"] for layer in layers}
    for script in sorted(ROOT.glob("bench/*.py")):
        found.setdefault(script.stem, []).insert(0, str(script))
    return found


def main() -> int:
    found = benchmarks()
    unknown = set(sys.argv[1:]) - set(found)
    if unknown or not found:
        print(f"dev: no benchmark {', '.join(sorted(unknown))}: there are {', '.join(found) or 'none'}", file=sys.stderr)
        return 2
    failed = False
    for name in sys.argv[1:] or found:
        for command in found[name]:
            print(f"\n{name}: {command}", flush=True)
            if command.endswith(".py"):
                done = subprocess.run([sys.executable, command], cwd=ROOT, check=False)
            else:
                subprocess.run(["cmake", "--build", "build/release", "--", f"{name}_bench"], cwd=ROOT, check=True)
                done = subprocess.run([command], cwd=ROOT, check=False)
            failed |= done.returncode != 0
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
