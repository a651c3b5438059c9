# SPDX-License-Identifier: Apache-2.0
"""Real servers of Redis, as processes on ports of their own.

    with RedisServer(folder) as server: server.ask("GET", "k")
    with RedisCluster(folder) as cluster: cluster.nodes[0].kill()
"""
import re
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
        self.arguments = [*arguments, "--save", "", "--appendonly", "no", "--repl-diskless-sync-delay", "0",
                          "--repl-ping-replica-period", "1"]
        self.process = None

    def __enter__(self):
        self.start()
        return self

    def __exit__(self, *_):
        self.kill()

    def start(self):
        self.process = subprocess.Popen(  # pylint: disable=consider-using-with
            ["redis-server", *self.arguments, "--port", str(self.port), "--bind", "127.0.0.1",
             "--dir", str(self.folder), "--logfile", str(self.folder / "log")],
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


class Sentinel(RedisServer):
    """Watches a primary, which it calls main, and fails over by itself."""

    def __init__(self, folder: Path, primary: RedisServer):
        super().__init__(folder)
        file = self.folder / "sentinel.conf"
        file.write_text(f"sentinel monitor main 127.0.0.1 {primary.port} 1\nsentinel down-after-milliseconds main 300\n"
                        "sentinel failover-timeout main 3000\n")
        self.arguments = [str(file), "--sentinel"]


class RedisCluster:
    """Three primaries that share the slots."""

    def __init__(self, folder: Path):
        self.nodes = [RedisServer(folder / str(number), "--cluster-enabled", "yes", "--cluster-port", str(free_port()),
                                  "--cluster-node-timeout", "1000") for number in range(3)]

    def __enter__(self):
        for node in self.nodes:
            node.start()
        for number, node in enumerate(self.nodes):
            first, last = 16384 * number // 3, 16384 * (number + 1) // 3 - 1
            node.ask("CLUSTER", "ADDSLOTSRANGE", str(first), str(last))
            bus = node.ask("CONFIG", "GET", "cluster-port").split()[1]
            self.nodes[0].ask("CLUSTER", "MEET", "127.0.0.1", str(node.port), bus)
        for node in self.nodes:
            until(lambda seen=node: "cluster_size:3" in seen.ask("CLUSTER", "INFO") and self._is_well(seen),
                  "the cluster is whole", 30)
        return self

    @staticmethod
    def _is_well(node: RedisServer) -> bool:
        return "cluster_state:ok" in node.ask("CLUSTER", "INFO")

    def __exit__(self, *_):
        for node in self.nodes:
            node.kill()

    def keys(self) -> list[int]:
        """How many keys each node holds."""
        return [int(node.ask("DBSIZE")) for node in self.nodes]

    def reshard(self, source: int, target: int, slots: int):
        """Moves slots with their keys, one key after the other."""
        names = [self.nodes[which].ask("CLUSTER", "MYID") for which in (source, target)]
        done = subprocess.run(["redis-cli", "--cluster", "reshard", f"127.0.0.1:{self.nodes[0].port}", "--cluster-from",
                               names[0], "--cluster-to", names[1], "--cluster-slots", str(slots), "--cluster-yes"],
                              capture_output=True, text=True, timeout=120, check=False)
        assert done.returncode == 0 and not re.search("ERR", done.stdout), done.stdout + done.stderr
