# SPDX-License-Identifier: Apache-2.0
"""The admin API under generated requests: whatever its description allows, and what it does not, is answered as the
description says, and never by a fault of the gateway's own."""
import subprocess
import sys
from pathlib import Path

from harness import configs
from harness.admin import Admin
from harness.program import ADMIN_TOKEN

CHECKS = "not_a_server_error,status_code_conformance,content_type_conformance,response_schema_conformance"


def test_every_answer_is_one_of_the_description(start, origin, tmp_path):
    gateway = start(configs.simple(origin.port))
    admin = Admin(gateway)

    done = subprocess.run(
        [str(Path(sys.executable).with_name("schemathesis")), "run", f"{admin.url}/api/v1/openapi.json", "--url", admin.url,
         "--header", f"Authorization: Bearer {ADMIN_TOKEN}", "--checks", CHECKS, "--mode", "all", "--phases", "coverage,fuzzing",
         "--max-examples", "15", "--seed", "1", "--no-color", "--generation-database", "none",
         "--exclude-path", "/api/v1/events"],
        capture_output=True, text=True, timeout=300, check=False, cwd=tmp_path)

    assert done.returncode == 0, done.stdout[-6000:] + done.stderr[-2000:]
    assert admin.get("/session").status_code == 200
