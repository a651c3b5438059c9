# SPDX-License-Identifier: Apache-2.0
"""The gateway as a process.

    with Gateway(configs.simple(origin), folder) as gateway: ...

A Gateway that leaves its block has ended, its logs have been read, and a crash, a sanitizer's report, an unasked end or
a bad exit status has failed the test. MYNAH_PRESET chooses the build (release by default), MYNAH_BINARY any program.
"""
import json
import os
import re
import resource
import signal
import subprocess
from pathlib import Path

from harness.raw import ask
from harness.until import until

ROOT = Path(__file__).resolve().parents[3]
PRESET = os.environ.get("MYNAH_PRESET", "release")
BINARY = Path(os.environ.get("MYNAH_BINARY", ROOT / "build" / PRESET / "bin/mynah"))
SANITIZED = PRESET in ("asan", "tsan")
ADMIN_TOKEN = "a-token-for-tests-only"
SANITIZER_REPORT = re.compile(r"ERROR: \w*Sanitizer|WARNING: ThreadSanitizer|runtime error:|MYNAH_CHECK|check failed")
PLAIN_ENVIRONMENT = {key: value for key, value in os.environ.items()
                     if not key.endswith("_API_KEY") and not key.startswith("MYNAH_ADMIN")}


class Gateway:
    """One process. Attributes: config (a dictionary, or the text of a file), folder, process."""

    def __init__(self, config, folder: Path, *, env=None, descriptors=None, ready_in: float = 30):
        self.folder = Path(folder)
        self.folder.mkdir(parents=True, exist_ok=True)
        self.file = self.folder / "mynah.yaml"
        self.config = config
        self.env = PLAIN_ENVIRONMENT | {"MYNAH_ADMIN_TOKEN": ADMIN_TOKEN} | (env or {})
        self.descriptors = descriptors
        self.ready_in = ready_in
        self.process = None
        self.expected_status = {0}

    # ---- Life

    def __enter__(self):
        self.start()
        return self

    def __exit__(self, kind, _value, _trace):
        if kind is not None:
            self.kill()
            return
        self.stop()

    def start(self):
        self.write(self.config)
        limit = (lambda: resource.setrlimit(resource.RLIMIT_NOFILE, (self.descriptors,) * 2)) if self.descriptors else None
        with (self.folder / "stdout").open("ab") as out, (self.folder / "stderr").open("ab") as err:
            self.process = subprocess.Popen(  # pylint: disable=consider-using-with
                [str(BINARY), "run", "--config", str(self.file), "--data", str(self.folder / "data")],
                stdin=subprocess.DEVNULL, stdout=out, stderr=err, env=self.env, preexec_fn=limit, cwd=self.folder)
        until(self.is_ready_or_dead, "the gateway is ready", self.ready_in)
        assert self.process.poll() is None, f"the gateway ended with {self.process.returncode} at its start:\n{self.said()}"

    def is_ready_or_dead(self) -> bool:
        return self.process.poll() is not None or re.search(r"^ready\b", self.said(), re.M) is not None

    def stop(self, seconds: float = 20):
        """Ends it as an operator does, and judges how it ended."""
        if self.process.poll() is None:
            self.process.send_signal(signal.SIGTERM)
            try:
                self.process.wait(2)
            except subprocess.TimeoutExpired:
                self.process.send_signal(signal.SIGTERM)
        self.wait(seconds)

    def wait(self, seconds: float = 20) -> int:
        try:
            status = self.process.wait(seconds)
        except subprocess.TimeoutExpired:
            self.kill()
            raise AssertionError(f"the gateway does not end:\n{self.tail()}") from None
        self.check()
        return status

    def kill(self):
        if self.process and self.process.poll() is None:
            self.process.kill()
            self.process.wait()

    def check(self):
        """Fails when it has died, or has ended badly, or a sanitizer or a check has spoken."""
        report = SANITIZER_REPORT.search(self.said())
        assert not report, f"the gateway reports:\n{self.said()[max(report.start() - 200, 0):report.start() + 6000]}"
        status = self.process.poll()
        assert status is None or status in self.expected_status, f"the gateway ended with {status}:\n{self.tail()}"

    # ---- Configuration

    def write(self, config):
        """Replaces the file at once, as careful tools do."""
        text = config if isinstance(config, str) else json.dumps(config, indent=1)
        new = self.file.with_suffix(".new")
        new.write_text(text)
        new.rename(self.file)
        self.config = config

    def reload(self, config=None):
        """Writes a configuration, if there is one, and tells the gateway. What came of it shows in its behaviour."""
        if config is not None:
            self.write(config)
        self.process.send_signal(signal.SIGHUP)

    # ---- Addresses

    def listener(self, index: int = 0) -> tuple[str, int]:
        host, port = self.config["gateway"]["listeners"][index]["address"].rsplit(":", 1)
        return host, int(port)

    def console(self) -> tuple[str, int]:
        host, port = self.config["console"]["address"].rsplit(":", 1)
        return host, int(port)

    # ---- What it says

    def said(self) -> str:
        return "".join((self.folder / name).read_text(errors="replace") for name in ("stdout", "stderr")
                       if (self.folder / name).exists())

    def tail(self, lines: int = 40) -> str:
        return "\n".join(self.said().splitlines()[-lines:])

    def access_log(self) -> list[dict]:
        """The lines of the access log, as the configurations of `configs` name it."""
        path = self.folder / "access.log"
        return [json.loads(line) for line in path.read_text().splitlines()] if path.exists() else []

    def metric(self, name: str, /, **labels: str) -> float:
        """The sum of a metric's samples that carry these labels, as the console's address shows them."""
        samples = re.findall(rf"^{name}(?:\{{(.*)\}})? (\S+)$", ask(self.console(), "GET /metrics").text(), re.M)
        return sum(float(value) for seen, value in samples
                   if all(f'{key}="{text}"' in seen for key, text in labels.items()))

    # ---- What it uses

    def resident_bytes(self) -> int:
        status = Path(f"/proc/{self.process.pid}/status").read_text()
        return int(re.search(r"VmRSS:\s+(\d+)", status).group(1)) * 1024

    def open_descriptors(self) -> int:
        return len(os.listdir(f"/proc/{self.process.pid}/fd"))

    def cpu_seconds(self) -> float:
        fields = Path(f"/proc/{self.process.pid}/stat").read_text().rsplit(")", 1)[1].split()
        return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def run(*arguments: str, env=None, seconds: float = 20, stdin: str = "") -> subprocess.CompletedProcess:
    """The program with other arguments, to its end."""
    return subprocess.run([str(BINARY), *arguments], capture_output=True, text=True, timeout=seconds, check=False,
                          env=PLAIN_ENVIRONMENT | (env or {}), input=stdin)
