# SPDX-License-Identifier: Apache-2.0
"""Certificates: an authority, and what it signs."""
import ssl
import subprocess
from pathlib import Path


def _openssl(*arguments: str):
    subprocess.run(["openssl", *arguments], check=True, capture_output=True)


class Authority:
    """An authority of its own in a folder; `certificate` is the file that a client trusts."""

    def __init__(self, folder: Path):
        self.folder = folder
        folder.mkdir(parents=True, exist_ok=True)
        self.certificate, self.key = str(folder / "ca.pem"), str(folder / "ca.key")
        _openssl("req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-days", "2",
                 "-subj", "/CN=authority for tests", "-keyout", self.key, "-out", self.certificate)

    def issue(self, *names: str, file: str | None = None) -> tuple[str, str]:
        """The files of a certificate for DNS names and addresses, and of its key."""
        stem = self.folder / (file or names[0])
        certificate, key, request, extensions = (f"{stem}.{end}" for end in ("pem", "key", "csr", "ext"))
        alternatives = ",".join(f"{'IP' if name.replace('.', '').isdigit() else 'DNS'}:{name}" for name in names)
        Path(extensions).write_text(f"subjectAltName={alternatives}\n")
        _openssl("req", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-subj", f"/CN={names[0]}",
                 "-keyout", key, "-out", request)
        _openssl("x509", "-req", "-in", request, "-CA", self.certificate, "-CAkey", self.key, "-CAcreateserial",
                 "-days", "2", "-extfile", extensions, "-out", certificate)
        return certificate, key

    def client(self, alpn=(), lowest=None, highest=None) -> ssl.SSLContext:
        """What a client needs to trust what is issued here."""
        context = ssl.create_default_context(cafile=self.certificate)
        if alpn:
            context.set_alpn_protocols(list(alpn))
        if lowest:
            context.minimum_version = lowest
        if highest:
            context.maximum_version = highest
        return context
