# Copyright: (c) 2026, bunops contributors
# SPDX-License-Identifier: Apache-2.0
"""A real S3-compatible server on the loopback interface, with TLS: Versity's gateway over a directory."""

from __future__ import annotations

import datetime
import http.client
import os
import socket
import ssl
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from functools import cached_property
from pathlib import Path
from typing import Any

from ansible_collections.bunops.platform.plugins.module_utils.secrets import certificate
from ansible_collections.bunops.platform.tests.integration.queue_meter.waiting import eventually
from ansible_collections.bunops.platform.tests.policy.tools import GoProgram, go_program

VERSITYGW = GoProgram(
    "versitygw",
    "github.com/versity/versitygw",
    "v1.8.0",
    "h1:au+wI+aybno/STsQiSm35Uu6Q6iK5MWReQxgO6SEMFc=",
)
ACCESS_KEY = "CANARYACCESSKEYOFBACKUPS"
SECRET_KEY = "canary/secret+key+of+the+backups"
BUCKET = "backups"
PREFIX = "some/where"
REGION = "eu-test-1"
_ADDRESS = "127.0.0.1"


class S3Server:
    """One bucket, and the files with what it takes to use it."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        for name in ("data", "metadata"):
            (folder / name).mkdir(parents=True)
        pem = certificate.make([_ADDRESS], datetime.datetime.now(datetime.UTC))
        files = {
            "access": ACCESS_KEY.encode(),
            # As an editor leaves it.
            "secret": SECRET_KEY.encode() + b"\n",
            "server.key": pem[""],
            "server.crt": pem[certificate.CERTIFICATE],
            "ca.crt": pem[certificate.AUTHORITY],
        }
        for name, content in files.items():
            (folder / name).write_bytes(content)
        with socket.socket() as free:
            free.bind((_ADDRESS, 0))
            self.port = int(free.getsockname()[1])

    @property
    def endpoint(self) -> str:
        return f"https://{_ADDRESS}:{self.port}"

    def options(self, **changes: str) -> dict[str, str]:
        """The option `s3` of the modules."""
        return {
            "endpoint": self.endpoint,
            "bucket": BUCKET,
            "prefix": PREFIX,
            "region": REGION,
            "access_key_file": str(self.folder / "access"),
            "secret_key_file": str(self.folder / "secret"),
            "ca_file": str(self.folder / "ca.crt"),
            **changes,
        }

    @contextmanager
    def running(self) -> Iterator[None]:
        arguments = ["--port", f"{_ADDRESS}:{self.port}", "--region", REGION, "--quiet"]
        arguments += ["--cert", str(self.folder / "server.crt"), "--key", str(self.folder / "server.key")]
        # Not every file system of a test has extended attributes.
        arguments += ["posix", "--sidecar", str(self.folder / "metadata"), str(self.folder / "data")]
        keys = {"ROOT_ACCESS_KEY": ACCESS_KEY, "ROOT_SECRET_KEY": SECRET_KEY}
        with (self.folder / "log").open("wb") as log:
            process = subprocess.Popen(
                [str(go_program(VERSITYGW)), *arguments],
                env={**os.environ, **keys},
                stdout=log,
                stderr=subprocess.STDOUT,
                cwd=self.folder,
            )
        try:
            eventually(self._answers, "the S3 server")
            self.client.create_bucket(Bucket=BUCKET)
            yield
        finally:
            process.kill()
            process.wait()

    def _answers(self) -> bool:
        context = ssl.create_default_context(cafile=str(self.folder / "ca.crt"))
        try:
            connection = http.client.HTTPSConnection(_ADDRESS, self.port, timeout=5, context=context)
            connection.request("GET", "/")
            connection.getresponse().read()
        except OSError:
            return False
        return True

    @cached_property
    def client(self) -> Any:
        """One with the library's own settings."""
        import boto3

        return boto3.session.Session(ACCESS_KEY, SECRET_KEY, region_name=REGION).client(
            "s3", endpoint_url=self.endpoint, verify=str(self.folder / "ca.crt")
        )

    def objects(self) -> list[str]:
        """Names of all objects, without the prefix."""
        found = self.client.list_objects_v2(Bucket=BUCKET).get("Contents", [])
        return [each["Key"].removeprefix(PREFIX + "/") for each in found]

    def uploads(self) -> list[str]:
        """Names of what is being sent in parts."""
        found = self.client.list_multipart_uploads(Bucket=BUCKET).get("Uploads", [])
        return [each["Key"].removeprefix(PREFIX + "/") for each in found]

    def read(self, key: str) -> bytes:
        content: bytes = self.client.get_object(Bucket=BUCKET, Key=f"{PREFIX}/{key}")["Body"].read()
        return content

    def write(self, key: str, content: bytes) -> None:
        self.client.put_object(Bucket=BUCKET, Key=f"{PREFIX}/{key}", Body=content)

    def delete(self, key: str) -> None:
        self.client.delete_object(Bucket=BUCKET, Key=f"{PREFIX}/{key}")
