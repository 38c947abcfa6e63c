# Copyright: (c) 2026, bunops contributors
# SPDX-License-Identifier: Apache-2.0
"""Builds the cluster's programs from Go modules, once for each set of versions."""

from __future__ import annotations

import contextlib
import fcntl
import hashlib
import json
import os
import re
import shutil
import subprocess
import tempfile
import time
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path

from ansible_collections.bunops.platform.tests.cluster.layout import cache

SOURCE = Path(__file__).parent / "go"
ROOT = Path(__file__).parents[2]
# Names of the one program `kubernetes`: go/kubernetes/main.go.
PARTS = (
    "etcd",
    "kube-apiserver",
    "kube-controller-manager",
    "kube-scheduler",
    "kubelet",
    "kube-proxy",
    "kubectl",
    "registry",
    "volumes",
)
REPORT_EVERY = 15.0


class BuildError(Exception):
    """The programs could not be built; the text says why."""


@dataclass(frozen=True)
class Module:
    """A Go module of ours, and what is built from it."""

    name: str
    source: Path
    programs: Mapping[str, str]
    """Their names, and the package that each is built from."""
    links: Mapping[str, str] = field(default_factory=dict)
    """Further names, and the program that each stands for."""
    manifests: Mapping[str, tuple[str, str]] = field(default_factory=dict)
    """Files to be made, and the other module's folder whose YAML files each holds."""
    kustomizations: Mapping[str, tuple[str, str]] = field(default_factory=dict)
    """Files to be made, and the other module's folder that `kubectl kustomize` makes each from."""


CLUSTER = Module(
    "cluster",
    SOURCE,
    {name: f"./{name}" for name in ("pause", "coredns", "kubernetes")},
    dict.fromkeys(PARTS, "kubernetes"),
)
CALICO = "github.com/projectcalico/calico"
ENFORCER = Module(
    "enforcer",
    Path(__file__).parent / "enforcer",
    {"calico": "./calico"},
    {"felix": "calico"},
    manifests={"kinds.yml": (CALICO, "libcalico-go/config/crd")},
)
KEDA = "github.com/kedacore/keda/v2"
# One module, so that what KEDA and metrics-server have in common is compiled once.
AUTOSCALING = Module(
    "autoscaling",
    Path(__file__).parent / "autoscaling",
    {
        "metrics-server": "sigs.k8s.io/metrics-server/cmd/metrics-server",
        "keda": f"{KEDA}/cmd/operator",
        "keda-adapter": f"{KEDA}/cmd/adapter",
    },
    kustomizations={"keda.yml": (KEDA, "config/default")},
)
# Apart from KEDA, with which it has no version in common; no cluster has both.
METRICS_ADAPTER = Module(
    "metrics-adapter",
    Path(__file__).parent / "metrics_adapter",
    {"prometheus-adapter": "sigs.k8s.io/prometheus-adapter/cmd/adapter"},
)
GATEWAY = "github.com/envoyproxy/gateway"
ENVOY_GATEWAY = Module(
    "gateway",
    Path(__file__).parent / "gateway",
    {"envoy-gateway": f"{GATEWAY}/cmd/envoy-gateway"},
)
# Kinds of objects alone, without the programs that act on them.
GATEWAY_KINDS = Module(
    "gateway-kinds",
    ENVOY_GATEWAY.source,
    {},
    manifests={
        "gateway-api.yml": (GATEWAY, "charts/gateway-helm/charts/crds/crds"),
        "envoy-gateway.yml": (GATEWAY, "charts/gateway-helm/charts/crds/crds/generated"),
    },
)
CERT_MANAGER_KINDS = Module(
    "cert-manager-kinds",
    Path(__file__).parent / "cert_manager",
    {},
    manifests={"cert-manager.yml": ("github.com/cert-manager/cert-manager", "deploy/crds")},
)


def folder(module: Module = CLUSTER) -> Path:
    """Where the programs of these sources are, or will be."""
    return cache() / f"{module.name}-{_key(module)}"


def provide(say: Callable[[str], None], module: Module = CLUSTER) -> Path:
    """The folder with the built programs; builds them unless they are there, which takes minutes.

    ``say`` gets a line on the progress now and then.

    Raises:
        BuildError: no suitable Go, or the build fails.
    """
    target = folder(module)
    if target.exists():
        return target
    if module.kustomizations:
        provide(say)
    with alone(module.name):
        if not target.exists():
            _build(module, target, say)
    return target


@contextlib.contextmanager
def alone(name: str) -> Iterator[None]:
    """Only one process of this machine at a time builds what is called so."""
    cache().mkdir(parents=True, exist_ok=True)
    with (cache() / f"{name}.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield


def kubernetes_version() -> str:
    """Of the module k8s.io/kubernetes, such as "v1.37.2"."""
    return _required(CLUSTER, r"k8s\.io/kubernetes (v\S+)")


def _build(module: Module, target: Path, say: Callable[[str], None]) -> None:
    go = _go(module)
    with tempfile.TemporaryDirectory(prefix=f"{module.name}-", dir=target.parent) as temporary:
        draft = Path(temporary) / "programs"
        draft.mkdir(mode=0o755)
        for program, package in module.programs.items():
            _build_one(module, go, package, draft / program, say)
        for name, program in module.links.items():
            (draft / name).symlink_to(program)
        _make_manifests(module, go, draft)
        draft.rename(target)


def _make_manifests(module: Module, go: str, draft: Path) -> None:
    environment = dict(os.environ)

    def found(other: str, below: str) -> Path:
        # What nothing is built from has not been downloaded yet.
        answer = _output(module, [go, "mod", "download", "-json", other], environment)
        return Path(json.loads(answer)["Dir"]) / below

    for name, source in module.manifests.items():
        (draft / name).write_text("".join(f"---\n{file.read_text()}" for file in sorted(found(*source).glob("*.yaml"))))
    for name, source in module.kustomizations.items():
        command = [str(folder() / "kubectl"), "kustomize", str(found(*source))]
        (draft / name).write_text(_output(module, command, environment))


def _build_one(module: Module, go: str, package: str, target: Path, say: Callable[[str], None]) -> None:
    """`go build`, which names each package on standard error as it compiles it."""
    program = target.name
    # Without a version in it, clients cannot parse what the API server answers.
    flags = f"-s -w -X k8s.io/component-base/version.gitVersion={kubernetes_version()}"
    command = [go, "build", "-v", "-trimpath", f"-ldflags={flags}", f"-o={target}", package]
    environment = {**os.environ, "CGO_ENABLED": "0"}
    total = len(_output(module, [go, "list", "-deps", package], environment).split())
    say(f"Building {program} of up to {total} packages")
    start = reported = time.monotonic()
    last: list[str] = []
    compiled = 0
    with subprocess.Popen(command, cwd=module.source, env=environment, stderr=subprocess.PIPE, text=True) as process:
        assert process.stderr is not None
        for line in process.stderr:
            last = [*last[-19:], line.rstrip()]
            compiled += 1
            if time.monotonic() - reported > REPORT_EVERY:
                reported = time.monotonic()
                say(f"Building {program}: {compiled} of up to {total} packages after {reported - start:.0f} s")
    if process.returncode != 0:
        raise BuildError("\n".join([f"Building {program} failed:", *last]))
    say(f"Built {program} in {time.monotonic() - start:.0f} s")


def _go(module: Module) -> str:
    """A Go that is new enough: the one on PATH, or the one that prepare.yml provides."""
    wanted = _required(module, r"go (\d+\.\d+\S*)")
    found = []
    for candidate in (shutil.which("go"), ROOT / ".cache/go/bin/go"):
        if candidate and Path(candidate).exists():
            asked = [str(candidate), "env", "GOVERSION"]
            version = _output(module, asked, {**os.environ, "GOTOOLCHAIN": "local"}).strip()
            if _numbers(version) >= _numbers(wanted):
                return str(candidate)
            found.append(f"{candidate} is {version}")
    raise BuildError(
        f"Building the test cluster needs Go {wanted} or newer; {', '.join(found) or 'there is none'}."
        " `ansible-playbook tests/cluster/prepare.yml` provides it."
    )


def _numbers(version: str) -> list[int]:
    return [int(number) for number in re.findall(r"\d+", version)[:3]]


def _required(module: Module, pattern: str) -> str:
    file = module.source / "go.mod"
    match = re.search(rf"^\s*(?:require )?{pattern}", file.read_text(), re.MULTILINE)
    if match is None:
        raise BuildError(f"{file} lacks a line like {pattern}")
    return match[1]


def _output(module: Module, command: list[str], environment: dict[str, str]) -> str:
    result = subprocess.run(command, cwd=module.source, env=environment, capture_output=True, text=True, check=False)
    if result.returncode != 0:
        raise BuildError(f"`{' '.join(command)}` failed: {result.stderr.strip()}")
    return result.stdout


def _key(module: Module) -> str:
    """A name for these sources with these versions."""
    digest = hashlib.sha256()
    for file in sorted(path for path in module.source.rglob("*") if path.is_file()):
        digest.update(file.relative_to(module.source).as_posix().encode() + b"\0" + file.read_bytes() + b"\0")
    return digest.hexdigest()[:16]
