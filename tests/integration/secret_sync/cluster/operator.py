# Copyright: (c) 2026, bunops contributors
# SPDX-License-Identifier: Apache-2.0
"""External Secrets Operator: its own definitions of its objects, and the program, from its Go module."""

from __future__ import annotations

import contextlib
import json
import os
import shutil
import subprocess
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

import yaml

from ansible_collections.bunops.platform.plugins.module_utils.cluster.client import APPLY, Client
from ansible_collections.bunops.platform.tests.cluster.layout import cache
from ansible_collections.bunops.platform.tests.cluster.programs import alone
from ansible_collections.bunops.platform.tests.integration.secret_sync.cluster.space import eventually

MODULE = "github.com/external-secrets/external-secrets"
API_VERSION = "external-secrets.io/v1"
CRD = ("apiextensions.k8s.io/v1", "CustomResourceDefinition")
LIMIT = 1200


class Release(NamedTuple):
    """A version of the module; checksum: as go.sum has it."""

    version: str
    checksum: str


NEWEST = Release("v1.3.2", "h1:u2J8RjlHIeF0oZCqtl92adI/uZWUwOesJIDkfql6LqQ=")
# The last one whose program can be built from a single module.
BUILDABLE = Release("v0.19.2", "h1:bdOpEt9Pww2e8QGh4apX7M0nehwNOVAQJLd8z6hAXWI=")
# What the program needs to start, with all else switched off.
KINDS = (
    "external-secrets.io_externalsecrets",
    "external-secrets.io_secretstores",
    "generators.external-secrets.io_generatorstates",
)


@contextlib.contextmanager
def installed(admin: Client, release: Release) -> Iterator[None]:
    """Have the operator's kinds in the cluster."""
    folder = source(release) / "config/crds/bases"
    definitions = [yaml.safe_load((folder / f"{kind}.yaml").read_text()) for kind in KINDS]
    paths = [admin.path(*CRD, None, item["metadata"]["name"]) for item in definitions]
    for path, item in zip(paths, definitions, strict=True):
        admin.request("PATCH", path, item, {"fieldManager": "bunops-tests", "force": "true"}, APPLY)
    for kind in ("ExternalSecret", "SecretStore"):
        eventually(lambda kind=kind: admin.discovery(fresh=True).serves(API_VERSION, kind))
    try:
        yield
    finally:
        names = [item["metadata"]["name"] for item in definitions]
        for name in names:
            admin.delete(*CRD, None, name)
        eventually(lambda: not [name for name in names if admin.get(*CRD, None, name)], 60)


def source(release: Release) -> Path:
    """The folder of the module's source."""
    found = json.loads(_run(["go", "mod", "download", "-json", f"{MODULE}@{release.version}"], Path("/")))
    assert found["Sum"] == release.checksum, found["Sum"]
    return Path(found["Dir"])


def program() -> Path:
    """The operator, with Vault as the only provider: all of them take many times as long to build. Built once."""
    target = cache() / f"external-secrets-{BUILDABLE.version}" / "external-secrets"
    with alone("external-secrets"):
        if not target.exists():
            _build(target)
    return target


def _build(target: Path) -> None:
    with tempfile.TemporaryDirectory() as folder:
        copy = Path(folder) / "source"
        shutil.copytree(source(BUILDABLE), copy, copy_function=shutil.copy)
        _run(["chmod", "-R", "u+w", str(copy)], copy)
        provider = f'package register\n\nimport _ "{MODULE}/pkg/provider/vault"\n'
        (copy / "pkg/provider/register/register.go").write_text(provider)
        (copy / "pkg/generator/register/register.go").write_text("package register\n")
        _run(["nice", "go", "build", "-o", "external-secrets", "."], copy, CGO_ENABLED="0")
        target.parent.mkdir(parents=True, exist_ok=True)
        shutil.copy(copy / "external-secrets", target.with_suffix(".new"))
        target.with_suffix(".new").rename(target)


@contextlib.contextmanager
def at_work(kubeconfig: str, namespace: str) -> Iterator[None]:
    """Have the operator look after a namespace."""
    command = [str(program()), f"--namespace={namespace}", "--metrics-addr=0", "--client-qps=200", "--concurrent=4"]
    others = ("cluster-store", "cluster-external-secret", "cluster-push-secret", "push-secret")
    command += [f"--enable-{kind}-reconciler=false" for kind in others]
    with tempfile.TemporaryFile() as log:
        process = subprocess.Popen(command, env={**os.environ, "KUBECONFIG": kubeconfig}, stdout=log, stderr=log)
        try:
            yield
        finally:
            ended = process.poll()
            process.terminate()
            process.wait(30)
            log.seek(0)
            assert ended is None, log.read().decode()


def _run(command: list[str], folder: Path, **variables: str) -> str:
    done = subprocess.run(
        command,
        cwd=folder,
        env={**os.environ, **variables},
        capture_output=True,
        text=True,
        timeout=LIMIT,
        check=False,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout
