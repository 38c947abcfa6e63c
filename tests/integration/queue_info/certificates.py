# Copyright: (c) 2026, bunops contributors
# SPDX-License-Identifier: Apache-2.0
"""Certificates for tests, signed by an authority of their own; openssl makes them."""

from __future__ import annotations

import subprocess
from collections.abc import Iterable
from pathlib import Path


class Authority:
    """Signs certificates; all files are in one folder, NAME.pem and NAME.key."""

    def __init__(self, folder: Path, name: str = "ca") -> None:
        self.folder, self._name = folder, name
        self._make(name, "-addext", "basicConstraints=critical,CA:TRUE")

    def __getitem__(self, file: str) -> str:
        return str(self.folder / file)

    def sign(self, name: str, addresses: Iterable[str] = ()) -> None:
        """addresses: the IP addresses that the certificate is good for."""
        names = ",".join(f"IP:{address}" for address in addresses) or f"DNS:{name}"
        signer = ["-CA", f"{self._name}.pem", "-CAkey", f"{self._name}.key"]
        self._make(name, *signer, "-addext", f"subjectAltName={names}", "-addext", "basicConstraints=CA:FALSE")

    def _make(self, name: str, *more: str) -> None:
        argv = ["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes"]
        argv += ["-days", "2", "-subj", f"/CN={name}", "-keyout", f"{name}.key", "-out", f"{name}.pem", *more]
        subprocess.run(argv, cwd=self.folder, check=True, capture_output=True, timeout=60)
        (self.folder / f"{name}.key").chmod(0o644)
