# Copyright: (c) 2026, bunops contributors
# SPDX-License-Identifier: Apache-2.0
"""Which API server is meant, and who we are to it."""

from __future__ import annotations

import base64
import json
import sys
from pathlib import Path
from typing import Any

import pytest
import yaml

from ansible_collections.bunops.platform.plugins.module_utils.cluster.connection import (
    Options,
    bypasses_proxy,
    resolve,
)
from ansible_collections.bunops.platform.plugins.module_utils.cluster.credentials import Credentials, run_plugin
from ansible_collections.bunops.platform.plugins.module_utils.cluster.errors import ConfigError
from ansible_collections.bunops.platform.plugins.module_utils.cluster.kubeconfig import User

CANARY = "canary-token"


def config(name: str, **changes: Any) -> dict[str, Any]:
    """A kubeconfig with one cluster, one user and one context of the same name."""
    return {
        "current-context": name,
        "clusters": [{"name": name, "cluster": {"server": f"https://{name}:6443", **changes.pop("cluster", {})}}],
        "users": [{"name": name, "user": changes.pop("user", {"token": CANARY})}],
        "contexts": [{"name": name, "context": {"cluster": name, "user": name, **changes.pop("context", {})}}],
        **changes,
    }


def written(folder: Path, name: str, content: dict[str, Any]) -> str:
    path = folder / name
    path.write_text(yaml.safe_dump(content))
    return str(path)


def test_a_path(tmp_path: Path) -> None:
    access = resolve(Options(kubeconfig=written(tmp_path, "a", config("a", context={"namespace": "atlas"}))), {})
    assert (access.host, access.user.token, access.namespace) == ("https://a:6443", CANARY, "atlas")


def test_content() -> None:
    assert resolve(Options(kubeconfig=config("a")), {}).host == "https://a:6443"


def test_several_files_of_the_environment_are_one(tmp_path: Path) -> None:
    first = written(tmp_path, "first", {**config("a"), "current-context": ""})
    users = config("b")["users"] + config("a", user={"token": "x"})["users"]
    second = written(tmp_path, "second", {**config("b"), "users": users})
    environment = {"KUBECONFIG": f"{first}:{second}:/does/not/exist"}
    assert resolve(Options(), environment).host == "https://b:6443"
    assert resolve(Options(context="a"), environment).user.token == CANARY


def test_paths_are_relative_to_their_file(tmp_path: Path) -> None:
    (tmp_path / "ca.pem").write_text("authority")
    (tmp_path / "me.pem").write_text("me")
    user = {"client-certificate": "me.pem", "client-key-data": base64.b64encode(b"key").decode()}
    path = written(tmp_path, "a", config("a", cluster={"certificate-authority": "ca.pem"}, user=user))
    tls = resolve(Options(kubeconfig=path), {}).tls
    assert (tls.ca, tls.cert, tls.key) == ("authority", "me", "key")


def test_data_wins_over_files() -> None:
    cluster = {"certificate-authority": "/none", "certificate-authority-data": base64.b64encode(b"data").decode()}
    assert resolve(Options(kubeconfig=config("a", cluster=cluster)), {}).tls.ca == "data"


def test_what_a_cluster_may_say() -> None:
    cluster = {"insecure-skip-tls-verify": True, "tls-server-name": "other", "proxy-url": "http://proxy:3128"}
    access = resolve(Options(kubeconfig=config("a", cluster=cluster)), {})
    assert (access.tls.verify, access.tls.server_name, access.proxy) == (False, "other", "http://proxy:3128")


def test_impersonation() -> None:
    user = {"token": "x", "as": "jane", "as-groups": ["a", "b"], "as-uid": "1", "as-user-extra": {"scopes": ["view"]}}
    assert resolve(Options(kubeconfig=config("a", user=user)), {}).user.impersonation == (
        ("Impersonate-User", "jane"),
        ("Impersonate-Uid", "1"),
        ("Impersonate-Group", "a"),
        ("Impersonate-Group", "b"),
        ("Impersonate-Extra-scopes", "view"),
    )


def test_options_win(tmp_path: Path) -> None:
    ca = tmp_path / "ca.pem"
    ca.write_text("mine")
    options = Options(
        kubeconfig=config("a", user={"exec": {"command": "x"}, "client-certificate-data": "eA=="}),
        host="https://other",
        api_key="mine",
        ca_cert=str(ca),
        validate_certs=False,
        proxy="http://p:1",
    )
    access = resolve(options, {})
    assert (access.host, access.user.token, access.user.exec) == ("https://other", "mine", None)
    assert (access.tls.ca, access.tls.cert, access.tls.verify) == ("mine", None, False)
    assert access.proxy == "http://p:1"


def test_a_host_needs_no_kubeconfig(tmp_path: Path) -> None:
    environment = {"KUBECONFIG": written(tmp_path, "a", config("a"))}
    access = resolve(Options(host="http://127.0.0.1:8001"), environment)
    assert (access.host, access.user) == ("http://127.0.0.1:8001", User())


@pytest.mark.parametrize(
    ("options", "environment", "message"),
    [
        (Options(kubeconfig="/does/not/exist"), {}, "The kubeconfig /does/not/exist does not exist"),
        (Options(), {"KUBECONFIG": "/does/not/exist"}, "No cluster is named"),
        (Options(kubeconfig={}), {}, "no current context"),
        (Options(kubeconfig=config("a"), context="b"), {}, "has no context 'b'; it has a"),
        (Options(kubeconfig={**config("a"), "users": []}), {}, "has no user 'a'; it has none"),
        (Options(kubeconfig={**config("a"), "clusters": "x"}), {}, "clusters is no list of named entries"),
        (Options(kubeconfig=config("a", cluster={"server": ""})), {}, "Cluster 'a' has no server"),
        (Options(kubeconfig=config("a", user={"auth-provider": {}})), {}, "use an exec plugin"),
        (Options(kubeconfig=config("a", user={"client-key-data": "canary!"})), {}, "client-key is not readable text"),
        (Options(kubeconfig=config("a", cluster={"certificate-authority": "/no"})), {}, "/no .* cannot be read"),
        (Options(host="atlas:6443"), {}, "is no http:// or https:// URL"),
        (Options(host="https://a", proxy="socks5://b:1"), {}, "Only http:// proxies are supported, not socks5"),
        (Options(host="https://a", ca_cert="/no"), {}, "/no cannot be read: No such file"),
    ],
)
def test_what_cannot_be_used(options: Options, environment: dict[str, str], message: str) -> None:
    with pytest.raises(ConfigError, match=message) as caught:
        resolve(options, environment)
    assert "canary" not in str(caught.value)


@pytest.mark.parametrize("content", ["a: [", "- a", "\x00", f"token: {CANARY}\n\t: ["])
def test_a_file_that_is_no_kubeconfig(tmp_path: Path, content: str) -> None:
    path = tmp_path / "config"
    path.write_text(content)
    with pytest.raises(ConfigError) as caught:
        resolve(Options(kubeconfig=str(path)), {})
    assert CANARY not in str(caught.value)


@pytest.mark.parametrize(
    ("host", "excluded", "direct"),
    [
        ("localhost", "", True),
        ("127.1.2.3", "", True),
        ("::1", "", True),
        ("api.example", "", False),
        ("api.example", "example", True),
        ("api.example", ".example", True),
        ("api.example", "*.example", True),
        ("api.example", "other, API.example", True),
        ("notexample", "example", False),
        ("api.example", "*", True),
        ("10.1.2.3", "10.0.0.0/8", True),
        ("10.1.2.3", "10.1.2.3", True),
        ("11.1.2.3", "10.0.0.0/8", False),
        ("api.example", "10.0.0.0/8", False),
        ("10.1.2.3", "10.0.0.0/x", False),
    ],
)
def test_no_proxy(host: str, excluded: str, direct: bool) -> None:
    assert bypasses_proxy(host, excluded) == direct


def test_proxy_of_the_environment() -> None:
    environment = {"HTTPS_PROXY": "http://p:1", "NO_PROXY": "inside.example"}
    assert resolve(Options(host="https://api.example"), environment).proxy == "http://p:1"
    assert resolve(Options(host="https://inside.example"), environment).proxy is None
    assert resolve(Options(host="http://api.example"), environment).proxy is None


def plugin(folder: Path, code: str) -> dict[str, Any]:
    """The exec section for a credential plugin in Python."""
    script = folder / "plugin.py"
    script.write_text(code)
    return {"apiVersion": "client.authentication.k8s.io/v1", "command": sys.executable, "args": [str(script)]}


def test_a_credential_plugin(tmp_path: Path) -> None:
    code = (
        "import json, os\n"
        "print(json.dumps({'status': {'token': os.environ['KUBERNETES_EXEC_INFO'] + os.environ['X']}}))\n"
    )
    section = {**plugin(tmp_path, code), "provideClusterInfo": True, "env": [{"name": "X", "value": "!"}]}
    user = User(exec=section, cluster={"server": "https://a", "certificate-authority-data": "ca"})
    token = Credentials(user).current().token
    assert token
    assert token.endswith("!")
    assert json.loads(token[:-1]) == {
        "apiVersion": "client.authentication.k8s.io/v1",
        "kind": "ExecCredential",
        "spec": {"interactive": False, "cluster": {"server": "https://a", "certificate-authority-data": "ca"}},
    }


def test_a_plugin_runs_again_when_its_credential_expires_or_is_refused(tmp_path: Path) -> None:
    counter = tmp_path / "count"
    code = (
        "import json, pathlib\n"
        f"path = pathlib.Path({str(counter)!r})\n"
        "count = int(path.read_text()) + 1 if path.exists() else 1\n"
        "path.write_text(str(count))\n"
        "end = '2001-01-01T00:00:00Z' if count == 1 else '2100-01-01T00:00:00Z'\n"
        "print(json.dumps({'status': {'token': str(count), 'expirationTimestamp': end}}))\n"
    )
    credentials = Credentials(User(exec=plugin(tmp_path, code)))
    first, second = credentials.current(), credentials.current()
    assert (first.token, second.token, credentials.current().token) == ("1", "2", "2")
    assert credentials.refused(second)
    assert credentials.current().token == "3"


@pytest.mark.parametrize(
    ("changes", "code", "message"),
    [
        ({}, f"import sys; sys.exit('no login; run {CANARY[:6]}')", "exit code 1: no login"),
        ({}, f"print('{CANARY}')", "handed out no credential"),
        ({}, f'print(\'{{"status": {{"secret": "{CANARY}"}}}}\')', "handed out no credential"),
        ({"apiVersion": "client.authentication.k8s.io/v1alpha1"}, "", "v1alpha1 are not supported"),
        ({"interactiveMode": "Always"}, "", "wants to ask questions"),
        ({"command": "no-such-program", "installHint": "Install it."}, "", "'no-such-program' is not .* Install it"),
    ],
)
def test_plugins_that_fail(tmp_path: Path, changes: dict[str, Any], code: str, message: str) -> None:
    with pytest.raises(ConfigError, match=message) as caught:
        run_plugin({**plugin(tmp_path, code), **changes}, {})
    assert CANARY not in str(caught.value)


def test_a_token_file_is_read_again(tmp_path: Path) -> None:
    path = tmp_path / "token"
    path.write_text("one\n")
    credentials = Credentials(User(token_file=str(path)))
    assert credentials.current().token == "one"
    path.write_text("two\n")
    assert credentials.current().token == "one"
    assert credentials.refused(credentials.current())
    assert credentials.current().token == "two"


def test_a_fixed_token_cannot_be_renewed() -> None:
    credentials = Credentials(User(token=CANARY))
    assert not credentials.refused(credentials.current())
