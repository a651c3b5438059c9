# SPDX-License-Identifier: Apache-2.0
"""Real servers of Redis, as processes on ports of their own.

    with RedisServer(folder) as server: server.ask("GET", "k")
"""
import signal
import socket
import subprocess
from pathlib import Path

from harness.ports import free_port
from harness.until import until


class RedisServer:
    """One process. Persistence is off; `arguments` are more of redis-server's own."""

    def __init__(self, folder: Path, *arguments: str):
        self.folder = Path(folder)
        self.folder.mkdir(parents=True, exist_ok=True)
        self.port = free_port()
        self.arguments = arguments
        self.process = None

    def __enter__(self):
        self.start()
        return self

    def __exit__(self, *_):
        self.kill()

    def start(self):
        self.process = subprocess.Popen(  # pylint: disable=consider-using-with
            ["redis-server", *self.arguments, "--port", str(self.port), "--bind", "127.0.0.1", "--save", "",
             "--appendonly", "no", "--dir", str(self.folder), "--logfile", str(self.folder / "log"),
             "--enable-debug-command", "yes", "--repl-diskless-sync-delay", "0"],
            stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL)
        until(self._listens, "redis-server listens", 20)

    def _listens(self) -> bool:
        assert self.process.poll() is None, "redis-server did not start"
        with socket.socket() as probe:
            return probe.connect_ex(("127.0.0.1", self.port)) == 0

    def kill(self):
        if self.process and self.process.poll() is None:
            self.process.kill()
            self.process.wait()

    def hold(self):
        """It takes connections and says nothing."""
        self.process.send_signal(signal.SIGSTOP)

    def go_on(self):
        self.process.send_signal(signal.SIGCONT)

    def ask(self, *words: str, password: str = "", database: int = 0) -> str:
        """What redis-cli prints."""
        login = ["--no-auth-warning", "-a", password] if password else []
        return subprocess.run(["redis-cli", "-p", str(self.port), "-n", str(database), *login, *words],
                              capture_output=True, text=True, timeout=20, check=True).stdout.strip()
