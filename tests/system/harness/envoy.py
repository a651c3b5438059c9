# SPDX-License-Identifier: Apache-2.0
"""Envoy, to compare with: the same routes, services and plug-ins as a gateway of ours."""
import json
import os
import socket
import subprocess
from pathlib import Path

from harness.plugins import CACHE
from harness.ports import free_port
from harness.until import until

FOLDER = CACHE / "envoy"
BINARY_BYTES_MIN = 50 << 20  # beside it lie small scripts of the same name
TYPES = "type.googleapis.com/envoy.extensions.filters"


def binary() -> Path:
    return next(path for path in FOLDER.glob("**/envoy*") if path.is_file() and path.stat().st_size > BINARY_BYTES_MIN)


def cluster(name: str, port: int, http2: bool = False) -> dict:
    address = {"socket_address": {"address": "127.0.0.1", "port_value": port}}
    more = {"typed_extension_protocol_options": {"envoy.extensions.upstreams.http.v3.HttpProtocolOptions": {
        "@type": "type.googleapis.com/envoy.extensions.upstreams.http.v3.HttpProtocolOptions",
        "explicit_http_config": {"http2_protocol_options": {}}}}} if http2 else {}
    return {"name": name, "type": "STATIC", **more, "load_assignment": {
        "cluster_name": name, "endpoints": [{"lb_endpoints": [{"endpoint": {"address": address}}]}]}}


def wasm(name: str, file: Path, config: str) -> dict:
    return {"name": name, "typed_config": {"@type": f"{TYPES}.http.wasm.v3.Wasm", "config": {
        "name": name, "root_id": "", "vm_config": {
            "vm_id": "", "runtime": "envoy.wasm.runtime.v8", "code": {"local": {"filename": str(file)}}},
        "configuration": {"@type": "type.googleapis.com/google.protobuf.StringValue", "value": config}}}}


class Envoy:
    """A running Envoy; `routes` are those of its one virtual host, `filters` come before its router."""

    def __init__(self, folder: Path, routes: list, clusters: list, filters: list):
        self.folder, self.port = folder, free_port()
        folder.mkdir(parents=True, exist_ok=True)
        manager = {"@type": f"{TYPES}.network.http_connection_manager.v3.HttpConnectionManager", "stat_prefix": "in",
                   "route_config": {"virtual_hosts": [{"name": "all", "domains": ["*"], "routes": routes}]},
                   "http_filters": [*filters, {"name": "router", "typed_config": {"@type": f"{TYPES}.http.router.v3.Router"}}]}
        listener = {"address": {"socket_address": {"address": "127.0.0.1", "port_value": self.port}},
                    "filter_chains": [{"filters": [{"name": "http", "typed_config": manager}]}]}
        self.file = folder / "envoy.json"
        self.file.write_text(json.dumps({"static_resources": {"listeners": [listener], "clusters": clusters}}))
        self.process = None

    def __enter__(self):
        with (self.folder / "log").open("wb") as log:
            self.process = subprocess.Popen(  # pylint: disable=consider-using-with
                [str(binary()), "-c", str(self.file), "--concurrency", "1", "--log-level", "warning", "--disable-hot-restart"],
                stdout=log, stderr=log, stdin=subprocess.DEVNULL, env=os.environ, cwd=self.folder)
        until(self.listens, "Envoy listens", 60)
        return self

    def __exit__(self, *_):
        self.process.kill()
        self.process.wait()

    def listens(self) -> bool:
        assert self.process.poll() is None, f"Envoy has ended:\n{self.said()[-3000:]}"
        try:
            socket.create_connection(("127.0.0.1", self.port), 1).close()
            return True
        except OSError:
            return False

    def said(self) -> str:
        return (self.folder / "log").read_text(errors="replace")

    def listener(self) -> tuple[str, int]:
        return "127.0.0.1", self.port
