# Copyright: (c) 2026, bunops contributors
# SPDX-License-Identifier: Apache-2.0
"""The examples of docs/secrets.md do what the page says."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml

from ansible_collections.bunops.platform.plugins.module_utils.cluster.client import Client
from ansible_collections.bunops.platform.plugins.module_utils.cluster.connection import Options
from ansible_collections.bunops.platform.plugins.module_utils.secrets.role import Uses, role
from ansible_collections.bunops.platform.plugins.module_utils.secrets.sources import registry as sources
from ansible_collections.bunops.platform.plugins.module_utils.secrets.sources.model import Surroundings
from ansible_collections.bunops.platform.plugins.module_utils.secrets.sources.read import read
from ansible_collections.bunops.platform.plugins.module_utils.secrets.targets import registry as targets
from ansible_collections.bunops.platform.tests.integration.run_module import Module
from ansible_collections.bunops.platform.tests.integration.secret_sync.cluster import operator, vault_stub
from ansible_collections.bunops.platform.tests.integration.secret_sync.cluster.space import Space
from ansible_collections.bunops.platform.tests.integration.secret_sync.sources.test_sops_source import (
    AGE_KEYGEN,
    SOPS,
)
from ansible_collections.bunops.platform.tests.policy.tools import go_program

ROOT = Path(__file__).resolve().parents[4]
PAGE = (ROOT / "docs/secrets.md").read_text()
MODULE = "bunops.platform.secret_sync"
KEY = "sk-0123456789-0123456789"
USES = Uses(reads=["webhooks"])
VALUES = {
    "OPENAI_API_KEY": KEY,
    "CLERK_KEY": "line one\nline two\n",
    "SMTP_PASSWORD": "smtp $x",
    "STRIPE_KEY": "stripe",
    "DB_PASSWORD": "from the vault",
    "WEBHOOK_SECRET": "webhook",
    "LEGACY_TOKEN": "legacy",
    "SIGNING_KEY": "show shop/signing",
}


def blocks(language: str) -> list[str]:
    return re.findall(rf"^```{language}\n(.*?)^```$", PAGE, re.MULTILINE | re.DOTALL)


DOCUMENTS = [yaml.safe_load(text) for text in blocks("yaml")]
SECRETS = [each["secrets"] for each in DOCUMENTS if "secrets" in each]
TARGETS = [target for each in DOCUMENTS if "targets" in each for target in each["targets"]]
TASKS = [task[MODULE] for each in DOCUMENTS if isinstance(each, list) for task in each if MODULE in task]


def run(*argv: str) -> str:
    done = subprocess.run(argv, check=False, capture_output=True, text=True, timeout=120)
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


class Shop:
    """The machine and the namespace that the page speaks of; what it calls /srv/shop is a folder."""

    def __init__(self, folder: Path, space: Space, vault: str, **environment: str) -> None:
        self.folder = folder
        self.space = space
        self._replaced = {
            "/srv/shop": str(folder),
            "https://vault.example.com": vault,
            "namespace: shop": f"namespace: {space.name}",
            "'shop'": f"'{space.name}'",
        }
        self.module = Module("secret_sync", XDG_STATE_HOME=str(folder / "state"), **environment)

    def here(self, example: Any) -> Any:
        text = yaml.safe_dump(example, width=1000)
        for written, meant in self._replaced.items():
            text = text.replace(written, meant)
        return yaml.safe_load(text)

    def sync(self, uses: Uses = USES, **options: Any) -> dict[str, Any]:
        given = self.here({"name": "shop", "targets": [TARGETS[0]], **options})
        return self.module.ok(**given, kubeconfig=self.space.kubeconfig_of(uses))

    def value(self, name: str) -> str:
        return (self.folder / "secrets" / name).read_bytes().decode()


@pytest.fixture
def shop(space: Space, tmp_path: Path) -> Iterator[Shop]:
    (tmp_path / "clerk.pem").write_text(VALUES["CLERK_KEY"])
    (tmp_path / "shared.env").write_text("SMTP_PASSWORD='smtp $x'\n")
    (tmp_path / "token").write_text("legacy\n")
    services = {"web": {"image": "web", "secrets": ["token"]}}
    compose = {"name": "shop", "services": services, "secrets": {"token": {"file": "./token"}}}
    (tmp_path / "compose.yaml").write_text(yaml.safe_dump(compose))
    programs = tmp_path / "bin"
    programs.mkdir()
    (programs / "pass").write_text('#!/bin/sh\necho "$@"\n')
    (programs / "pass").chmod(0o755)
    sops = go_program(SOPS)
    run(str(go_program(AGE_KEYGEN)), "-o", str(tmp_path / "age.txt"))
    recipient = re.findall(r"public key: (\S+)", (tmp_path / "age.txt").read_text())[0]
    encrypted = tmp_path / "prod.enc.yaml"
    encrypted.write_text(yaml.safe_dump({"stripe": {"key": "stripe"}}))
    run(str(sops), "--encrypt", "--age", recipient, "--in-place", str(encrypted))
    data = {"secret": VALUES["WEBHOOK_SECRET"]}
    space.create({"apiVersion": "v1", "kind": "Secret", "metadata": {"name": "webhooks"}, "stringData": data})
    vault = vault_stub.Vault({"password": VALUES["DB_PASSWORD"]})
    with vault_stub.serving(vault):
        yield Shop(
            tmp_path,
            space,
            vault.url,
            PATH=f"{programs}:{sops.parent}:{os.environ['PATH']}",
            SOPS_AGE_KEY_FILE=str(tmp_path / "age.txt"),
            VAULT_TOKEN=vault_stub.TOKEN,
            OPENAI_API_KEY=KEY,
        )


def test_every_kind_is_shown() -> None:
    shown = {kind for secret in SECRETS[0] for kind in secret["source"]}
    assert shown == set(sources.ARGUMENT_SPEC["options"])
    assert {kind for target in TARGETS for kind in target} == set(targets.ARGUMENT_SPEC["options"])


def test_every_source_gives_its_value(shop: Shop) -> None:
    given = json.loads(json.dumps(SECRETS[0]).replace('"shared"', json.dumps(shop.space.name)))
    shop.sync(secrets=given)
    assert {name: shop.value(name) for name in VALUES} == VALUES
    assert re.fullmatch("[a-hjkmnp-z2-9]{64}", shop.value("SESSION_KEY"))
    assert "PUBLIC KEY" in shop.value("TURSO_AUTH_TOKEN.pub")


def test_templates_make_values_of_others(shop: Shop) -> None:
    shop.sync(secrets=[*SECRETS[1], {"name": "OPENAI_API_KEY", "source": {"env": "OPENAI_API_KEY"}}])
    assert shop.value("DATABASE_URL") == f"postgres://shop:{shop.value('DB_PASSWORD')}@db:5432/shop"
    assert shop.value("AUTHORIZATION") == f"Bearer {KEY}"


def test_each_target_holds_the_secrets(shop: Shop) -> None:
    first = shop.sync(targets=TARGETS[:3], secrets=TASKS[0]["secrets"])
    value = shop.value("SESSION_KEY")
    read_by_a_shell = run("sh", "-c", '. "$0"; printf %s "$SESSION_KEY"', str(shop.folder / "secrets.env"))
    name = first["objects"]["SESSION_KEY"]["name"]
    assert name.startswith("session-key-")
    assert [read_by_a_shell, shop.space.secrets()[name]["SESSION_KEY"].decode()] == [value, value]
    assert (shop.folder / "state/bunops/secrets.key").stat().st_mode & 0o777 == 0o600


def test_a_rotation_is_taken_back(shop: Shop) -> None:
    shop.sync(**TASKS[0])
    first = shop.value("SESSION_KEY")
    shop.sync(**TASKS[0], rotate=["SESSION_KEY"])
    assert shop.value("SESSION_KEY") != first
    shop.sync(**TASKS[1])
    assert shop.value("SESSION_KEY") == first
    assert not shop.sync(**TASKS[0])["changed"]


def test_the_cluster_is_told_where_to_fetch(shop: Shop, admin: Client) -> None:
    wanted = [secret for secret in SECRETS[0] if "vault" in secret["source"]]
    target = {"external_secrets": {**TARGETS[3]["external_secrets"], "wait": False}}
    with operator.installed(admin, operator.NEWEST):
        uses = Uses(write=False, external=True)
        shop.sync(uses, secrets=wanted, targets=[target])
        made = shop.space.listed("ExternalSecret", operator.API_VERSION)
        assert made["shop-db-password"]["spec"]["data"][0]["remoteRef"]["property"] == "password"
        shop.sync(uses, targets=[target], state="absent")
        assert shop.space.listed("ExternalSecret", operator.API_VERSION) == {}


def test_the_role_is_the_one_for_rolling(shop: Shop, tmp_path: Path) -> None:
    (task,) = (task for each in DOCUMENTS if isinstance(each, list) for task in each if MODULE not in task)
    task = shop.here(task)
    task["bunops.platform.k8s_set"].update(kubeconfig=shop.space.kubeconfig)
    playbook = tmp_path / "role.yml"
    python = {"ansible_python_interpreter": sys.executable}
    play = {"hosts": "localhost", "connection": "local", "gather_facts": False, "vars": python, "tasks": [task]}
    playbook.write_text(yaml.safe_dump([play]))
    run("ansible-playbook", "-i", "localhost,", str(playbook))
    made = shop.space.live("Role", "secret-sync", "rbac.authorization.k8s.io/v1")
    wanted = role(shop.space.name, "secret-sync", Uses(write=True, roll=True, collect=True), [])[0]
    assert made["rules"] == wanted["rules"]


def test_the_new_source_is_one(tmp_path: Path) -> None:
    (text,) = blocks("python")
    made: dict[str, Any] = {}
    exec(compile(text, "credential.py", "exec"), made)
    (tmp_path / "key").write_bytes(b"v\0\n")
    around = Surroundings({"CREDENTIALS_DIRECTORY": str(tmp_path)}, Options())
    given = {name: made["Credential"].from_options(name, name, around) for name in ("key", "none")}
    assert read(given) == {"key": b"v\0\n", "none": None}
    assert given["key"].describe() == "the credential key"
