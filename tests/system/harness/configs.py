# SPDX-License-Identifier: Apache-2.0
"""Configurations as plain dictionaries; a file of JSON is a file of YAML. Every listener is on a port of its own."""
from harness.ports import free_port


def address(port: int | None = None) -> str:
    return f"127.0.0.1:{port or free_port()}"


def service(name: str, *ports: int, **more) -> dict:
    """A service that tells everything that happens to it: no ejection unless a test asks for it."""
    return {"name": name, "endpoints": [f"127.0.0.1:{port}" for port in ports],
            "outlier_ejection": {"consecutive_errors": 0}} | more


def route(name: str, to: str | None, prefix: str = "/", **more) -> dict:
    """A route to a service without retries, so that each fault is seen; `to` is None for other actions."""
    base = {"name": name, "match": {"path": {"prefix": prefix}}}
    if to is not None:
        base |= {"service": to, "retry": {"attempts": 0}}
    return base | more


def config(services=(), routes=(), *, limits=None, listeners=None, forwarding=None, workers: int = 2, **more) -> dict:
    gateway = {"listeners": listeners or [{"address": address()}], "workers": workers,
               "access_log": {"path": "access.log"},
               "limits": {"drain_grace": "0ms"} | (limits or {})}
    if forwarding:
        gateway["forwarding"] = forwarding
    return {"gateway": gateway, "console": {"address": address()}, "services": list(services), "routes": list(routes)} | more


def simple(origin_port: int, **more) -> dict:
    """Everything goes to one origin."""
    return config([service("origin", origin_port)], [route("all", "origin")], **more)
