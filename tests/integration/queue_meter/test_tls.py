# Copyright: (c) 2026, bunops contributors
# SPDX-License-Identifier: Apache-2.0
"""Redis over TLS."""

from __future__ import annotations

import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from ansible_collections.bunops.platform.tests.integration.queue_meter.conftest import QUEUES, readable
from ansible_collections.bunops.platform.tests.integration.queue_meter.platform_redis import PlatformRedis
from ansible_collections.bunops.platform.tests.integration.queue_meter.under_test import Meter

PATH = "/queues/redis/fetch6"


@pytest.fixture
def certificate(tmp_path: Path) -> Path:
    """A folder with a key and a certificate that signs itself, good for the name ``redis``."""
    folder = readable(tmp_path)
    argv = ["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes"]
    argv += ["-days", "2", "-subj", "/CN=redis", "-addext", "subjectAltName=DNS:redis"]
    argv += ["-keyout", "key.pem", "-out", "cert.pem"]
    subprocess.run(argv, cwd=folder, check=True, capture_output=True, timeout=60)
    (folder / "key.pem").chmod(0o644)
    return folder


@pytest.fixture
def tls_network(engine: Any, images: dict[str, str], project_name: str, certificate: Path) -> Iterator[str]:
    """A network with a Redis whose port 6380 speaks TLS."""
    engine.networks.create(project_name)
    tls = ["--tls-port", "6380", "--tls-auth-clients", "no", "--tls-cert-file", "/run/redis/cert.pem"]
    tls += ["--tls-key-file", "/run/redis/key.pem", "--tls-ca-cert-file", "/run/redis/cert.pem"]
    redis = PlatformRedis(engine, images["redis"], project_name, certificate, *tls)
    yield project_name
    redis.container.remove(force=True)


@pytest.mark.parametrize(
    ("host", "trusted", "status", "reason"),
    [
        ("redis", True, 200, '"exists":false'),
        ("redis", False, 503, "self signed certificate"),
        # The container's name leads to the same Redis.
        ("{network}-redis", True, 503, "does not match certificate"),
    ],
)
def test_only_a_certificate_of_the_right_name_is_trusted(
    engine: Any,
    images: dict[str, str],
    tls_network: str,
    certificate: Path,
    tmp_path_factory: pytest.TempPathFactory,
    host: str,
    trusted: bool,
    status: int,
    reason: str,
) -> None:
    folder = readable(tmp_path_factory.mktemp("tls"))
    shutil.copy(certificate / "cert.pem", folder / "ca.pem")
    environment = {"REDIS_URL": f"rediss://{host.format(network=tls_network)}:6380"}
    if trusted:
        environment["NODE_EXTRA_CA_CERTS"] = "/run/secrets/ca.pem"
    meter = Meter(engine, images["queue-meter"], tls_network, QUEUES, folder, **environment)
    found, body = meter.get(PATH)
    meter.container.remove(force=True)
    assert found == status, body
    assert reason in body
