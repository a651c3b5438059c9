# SPDX-License-Identifier: Apache-2.0
"""The admin API of a gateway, as a client with one token uses it.

    admin = Admin(gateway)                      the owner
    admin.put("/routes/new", {...}).json()      paths are below /api/v1
"""
import json as json_module

import httpx

from harness.program import ADMIN_TOKEN


class Admin:
    def __init__(self, gateway, token: str | None = ADMIN_TOKEN):
        host, port = gateway.console()
        self.url = f"http://{host}:{port}"
        headers = {"authorization": f"Bearer {token}"} if token else {}
        self.client = httpx.Client(base_url=f"{self.url}/api/v1", headers=headers, timeout=30, trust_env=False)

    def get(self, path: str, **more) -> httpx.Response:
        return self.client.get(path, **more)

    def put(self, path: str, body, **more) -> httpx.Response:
        return self.client.put(path, json=body, **more)

    def delete(self, path: str, **more) -> httpx.Response:
        return self.client.delete(path, **more)

    def events(self):
        """What is told from now on, as pairs of a type and a value; ends with the connection."""
        with self.client.stream("GET", "/events") as response:
            assert response.status_code == 200, response.status_code
            kind = None
            for line in response.iter_lines():
                if line.startswith(":"):
                    yield "comment", line
                elif line.startswith("event: "):
                    kind = line.removeprefix("event: ")
                elif line.startswith("data: "):
                    yield kind, json_module.loads(line.removeprefix("data: "))


def code(response: httpx.Response) -> str:
    return response.json()["error"]["code"]
