# Copyright: (c) 2026, bunops contributors
# SPDX-License-Identifier: Apache-2.0
"""Runs a playbook with thirty canaries through everything that can happen to it."""

from __future__ import annotations

import json
import os
import secrets
import subprocess
import sys
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from types import TracebackType
from typing import Any

from ansible_collections.bunops.platform.plugins.module_utils.cluster.client import APPLY, Client
from ansible_collections.bunops.platform.plugins.module_utils.cluster.connection import Options
from ansible_collections.bunops.platform.tests.e2e.platform_under_test import ROOT, Play, command
from ansible_collections.bunops.platform.tests.e2e.secrets.canaries import Canary, canary
from ansible_collections.bunops.platform.tests.e2e.secrets.processes import Processes
from ansible_collections.bunops.platform.tests.integration.secret_sync.sources.test_sops_source import (
    AGE_KEYGEN,
    SOPS,
)
from ansible_collections.bunops.platform.tests.policy.tools import go_program

KINDS = ("env", "file", "dotenv", "sops", "vault", "kubernetes", "compose", "command")
HERE = Path(__file__).parent
# Makes the module crash where it puts its files in place.
CRASH = """
import os, sys
if any("AnsiballZ_secret_sync" in each for each in sys.orig_argv):
    def crash(*_unused, **_unused_too):
        raise RuntimeError("crashed on purpose")
    os.replace = os.rename = crash
"""
# What uses a secret: it tells it to everybody, and does not like some.
PROGRAM = "cat {file}; if grep -q BROKEN {file}; then exit 1; fi; trap exit TERM; sleep 3600 & wait"
Json = dict[str, Any]


class Journey:
    """left: whatever the runs leave behind, apart from sources and targets."""

    def __init__(self, folder: Path, kubeconfig: str, image: str, pod_image: str) -> None:
        self.left, self.given = folder / "left", folder / "given"
        self.directory, self.dotenv = folder / "secrets", folder / "secrets.env"
        self.image, self.container = image, f"bunops-test-{secrets.token_hex(4)}"
        self.namespace = f"bunops-canaries-{secrets.token_hex(4)}"
        self.processes = Processes()
        self.plays: dict[str, Play] = {}
        self.canaries = [canary(f"CANARY_{number}", KINDS[number % len(KINDS)], number) for number in range(30)]
        self._pod_image, self._kubeconfig = pod_image, kubeconfig
        self._client = Client.connect(Options(kubeconfig=kubeconfig))
        self._vault = ThreadingHTTPServer(("127.0.0.1", 0), self._answers())

    def __enter__(self) -> Journey:
        for each in (self.left, self.given):
            each.mkdir()
        threading.Thread(target=self._vault.serve_forever, daemon=True).start()
        self.apply("v1", "Namespace", {"metadata": {"name": self.namespace}}, None)
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._vault.shutdown()
        command("docker", "rm", "--force", "--volumes", self.container, check=False)
        self._client.delete("v1", "Namespace", None, self.namespace)
        self._client.close()

    def travel(self) -> None:
        """All runs, one after the other."""
        wanted = self._wanted()
        with self.processes:
            self._play("check", wanted, "--check")
            self._play("first", wanted)
            self._play("again", wanted)
            self._play("refused", [{**each, "validate": {"min_length": 100000}} for each in wanted])
            self._spoil()
            self._play("crashed", wanted, crash=True)
            self._start_users()
            for where, target in (("Docker", self._targets[0]), ("Kubernetes", self._targets[2])):
                self._play(f"rolled back in {where}", wanted, targets=[target], roll=True)

    def objects(self, api_version: str, kind: str) -> Iterator[Json]:
        return self._client.list(api_version, kind, self.namespace)

    def apply(self, api_version: str, kind: str, item: Json, namespace: str | None) -> None:
        path = self._client.path(api_version, kind, namespace, item["metadata"]["name"])
        body = {"apiVersion": api_version, "kind": kind, **item}
        self._client.request("PATCH", path, body, {"fieldManager": "bunops-tests"}, APPLY)

    @property
    def _targets(self) -> list[Json]:
        return [
            {"directory": {"path": str(self.directory)}},
            {"dotenv": {"path": str(self.dotenv)}},
            {"kubernetes": {"namespace": self.namespace}},
        ]

    def _play(
        self,
        name: str,
        wanted: list[Json],
        *arguments: str,
        crash: bool = False,
        targets: list[Json] | None = None,
        roll: bool = False,
    ) -> None:
        variables = {
            "wanted": wanted,
            "targets": targets or self._targets,
            "roll": roll,
            "kubeconfig": self._kubeconfig,
            "ansible_python_interpreter": sys.executable,
        }
        extra = self.left / "variables.json"
        extra.write_text(json.dumps(variables))
        done = subprocess.run(
            [
                "ansible-playbook", "-vvvv", "--diff", "-i", "localhost,", "-c", "local", "-e", f"@{extra}", *arguments,
                str(HERE / "playbook.yml"),
            ],
            cwd=ROOT,
            env={**os.environ, **self._environment(crash)},
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            timeout=300,
            check=False,
        )  # fmt: skip
        changed = 0 if "changed=0" in done.stdout else 1
        self.plays[name] = Play(done.returncode, done.stdout, changed)

    def _environment(self, crash: bool) -> dict[str, str]:
        """Everything that Ansible can write is written, and kept."""
        programs = os.pathsep.join([str(go_program(SOPS).parent), os.environ["PATH"]])
        hooks = self.given / "hooks"
        hooks.mkdir(exist_ok=True)
        (hooks / "sitecustomize.py").write_text(CRASH)
        python_path = [str(hooks)] if crash else []
        return {
            **{each.name: each.value for each in self.canaries if each.kind == "env"},
            "PATH": programs,
            "PYTHONPATH": os.pathsep.join([*python_path, os.environ.get("PYTHONPATH", "")]),
            "XDG_STATE_HOME": str(self.left / "state"),
            "ANSIBLE_LOG_PATH": str(self.left / "ansible.log"),
            "ANSIBLE_CACHE_PLUGIN": "ansible.builtin.jsonfile",
            "ANSIBLE_CACHE_PLUGIN_CONNECTION": str(self.left / "facts"),
            "ANSIBLE_LOCAL_TEMP": str(self.left / "local"),
            "ANSIBLE_REMOTE_TEMP": str(self.left / "remote"),
            "ANSIBLE_KEEP_REMOTE_FILES": "1",
            "ANSIBLE_DISPLAY_ARGS_TO_STDOUT": "1",
            "ANSIBLE_CALLBACK_PLUGINS": str(HERE / "callbacks"),
            "ANSIBLE_CALLBACKS_ENABLED": "record",
            "BUNOPS_TEST_RECORD": str(self.left / "record.json"),
        }

    def _of(self, kind: str) -> dict[str, str]:
        return {each.name: each.value for each in self.canaries if each.kind == kind}

    def _wanted(self) -> list[Json]:
        """Put the values where they come from; the secrets as the module wants them."""
        for name, value in {**self._of("file"), **self._of("compose"), **self._of("command")}.items():
            (self.given / name).write_text(value, newline="")
        (self.given / "values.env").write_text(
            "".join(f'{name}="{quoted(value)}"\n' for name, value in self._of("dotenv").items()), newline=""
        )
        self._encrypt()
        used = {"image": "none", "secrets": list(self._of("compose"))}
        stored = {name: {"file": str(self.given / name)} for name in self._of("compose")}
        (self.given / "compose.json").write_text(json.dumps({"services": {"user": used}, "secrets": stored}))
        self.apply(
            "v1", "Secret", {"metadata": {"name": "given"}, "stringData": self._of("kubernetes")}, self.namespace
        )
        return [{"name": each.name, "source": {each.kind: self._source(each)}} for each in self.canaries]

    def _source(self, each: Canary) -> Any:
        sources: dict[str, Any] = {
            "env": each.name,
            "file": str(self.given / each.name),
            "dotenv": {"path": str(self.given / "values.env")},
            "sops": {
                "path": str(self.given / "values.json"),
                "key": each.name,
                "age_key_file": str(self.given / "age"),
            },
            "vault": {"url": f"http://127.0.0.1:{self._vault.server_port}", "path": "app", "auth": {"token": "t0ken"}},
            "kubernetes": {"namespace": self.namespace, "name": "given"},
            "compose": {"path": str(self.given / "compose.json"), "secret": each.name},
            "command": {"argv": ["cat", str(self.given / each.name)]},
        }
        return sources[each.kind]

    def _encrypt(self) -> None:
        key, document = self.given / "age", self.given / "values.json"
        made = command(str(go_program(AGE_KEYGEN)), "-o", str(key)) + command(
            str(go_program(AGE_KEYGEN)), "-y", str(key)
        )
        document.write_text(json.dumps(self._of("sops")))
        command(str(go_program(SOPS)), "--encrypt", "--age", made.split()[-1], "--in-place", str(document))

    def _spoil(self) -> None:
        """From now on one file has another value: the one that its users do not like."""
        first = self.canaries[KINDS.index("file")]
        (self.given / first.name).write_text(f"BROKEN {first.mark} BROKEN", newline="")

    def _start_users(self) -> None:
        """A container and a Deployment that use that file's secret."""
        name = self.canaries[KINDS.index("file")].name
        mount = f"type=bind,source={self.directory / name},target=/run/secrets/{name},readonly"
        program = PROGRAM.format(file=f"/run/secrets/{name}")
        command(
            "docker", "run", "--detach", "--network", "none", "--name", self.container, "--mount", mount, self.image,
            "sh", "-c", program,
        )  # fmt: skip
        stored = next(
            item["metadata"]["name"]
            for item in self.objects("v1", "Secret")
            if item["metadata"].get("labels", {}).get("bunops.platform/secret") == name
        )
        container = {
            "name": "main",
            "image": self._pod_image,
            "command": ["sh", "-c", program],
            "volumeMounts": [{"name": "secrets", "mountPath": "/run/secrets"}],
        }
        volumes = [{"name": "secrets", "secret": {"secretName": stored}}]
        template = {"metadata": {"labels": {"app": "user"}}, "spec": {"containers": [container], "volumes": volumes}}
        spec = {"selector": {"matchLabels": {"app": "user"}}, "template": template}
        self.apply("apps/v1", "Deployment", {"metadata": {"name": "user"}, "spec": spec}, self.namespace)

    def _answers(self) -> type[BaseHTTPRequestHandler]:
        """A Vault's answer to a read of its key/value engine: https://developer.hashicorp.com/vault/api-docs/secret/kv/kv-v2"""
        answer = {"data": {"data": self._of("vault"), "metadata": {"version": 1, "destroyed": False}}}

        class Handler(BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                body = json.dumps(answer).encode()
                self.send_response(200)
                self.send_header("Content-Length", str(len(body)))
                self.end_headers()
                self.wfile.write(body)

            def log_message(self, *_unused: Any) -> None:
                return

        return Handler


def quoted(value: str) -> str:
    """As it stands between double quotes in a dotenv file."""
    for plain, escaped in (("\\", "\\\\"), ('"', '\\"'), ("$", "\\$"), ("\n", "\\n"), ("\r", "\\r")):
        value = value.replace(plain, escaped)
    return value
