# Copyright: (c) 2026, bunops contributors
# SPDX-License-Identifier: Apache-2.0
"""Values of the catalog: what is accepted, and what it means."""

from __future__ import annotations

import pytest

from ansible_collections.bunops.platform.plugins.plugin_utils.model import scalars
from ansible_collections.bunops.platform.plugins.plugin_utils.model.entry import Refused
from ansible_collections.bunops.platform.plugins.plugin_utils.model.quantities import Cpu, Duration, Memory


@pytest.mark.parametrize(
    ("written", "millicores", "plain"),
    [(0.5, 500, 0.5), (2, 2000, 2), ("0.25", 250, 0.25), ("500m", 500, 0.5), ("1500m", 1500, 1.5), (0.01, 10, 0.01)],
)
def test_cpu(written: object, millicores: int, plain: float) -> None:
    assert Cpu.parse(written).millicores == millicores
    assert Cpu.parse(written).plain() == plain


@pytest.mark.parametrize("written", [0, -1, True, None, "", "m", "1.5m", 0.0001, "1e3", float("nan"), "1 core", [1]])
def test_no_cpu(written: object) -> None:
    with pytest.raises(Refused):
        Cpu.parse(written)


@pytest.mark.parametrize(
    ("written", "size"),
    [("256Mi", 2**28), ("1Gi", 2**30), ("1.5Gi", 3 * 2**29), ("8192Ki", 2**23), ("1T", 10**12), ("7000k", 7 * 10**6)],
)
def test_memory(written: str, size: int) -> None:
    assert Memory.parse(written).bytes == size
    assert Memory.parse(written).plain() == written


def test_memory_is_compared_by_its_bytes() -> None:
    assert Memory.parse("1Gi") == Memory.parse("1024Mi") < Memory.parse("1025Mi")


@pytest.mark.parametrize("written", ["256", 256, "256mi", "Mi", "1e9Mi", "-1Mi", " 1Gi", "1Gi\n", None, True, {}])
def test_no_memory(written: object) -> None:
    with pytest.raises(Refused):
        Memory.parse(written)


@pytest.mark.parametrize(
    ("written", "seconds"), [("30s", 30), ("5m", 300), ("2h", 7200), ("1h30m", 5400), ("1h0m1s", 3601)]
)
def test_duration(written: str, seconds: int) -> None:
    assert Duration.parse(written).seconds == seconds


@pytest.mark.parametrize("written", ["", "30", 30, "s", "1s1m", "0s", "500ms", "1.5h", "1d", "30s\n", None, False])
def test_no_duration(written: object) -> None:
    with pytest.raises(Refused):
        Duration.parse(written)


@pytest.mark.parametrize(
    "reference",
    [
        "nginx",
        "nginx:1.27",
        "library/nginx",
        "localhost:5000/a/b_c/d--e:Tag_1",
        "ghcr.io/tursodatabase/libsql-server:v0.24.32",
        "nginx@sha256:" + "0" * 64,
        "nginx:1.27@sha256:" + "f" * 64,
    ],
)
def test_image_reference(reference: str) -> None:
    assert scalars.parse_image(reference) == reference


@pytest.mark.parametrize("reference", ["", "Nginx", "nginx:", ":1", "a//b", "a b", "nginx@sha256:12", "-a", "a:b:c", 1])
def test_no_image_reference(reference: object) -> None:
    with pytest.raises(Refused):
        scalars.parse_image(reference)


@pytest.mark.parametrize(
    ("written", "path"), [("a/b", "a/b"), (".", "."), ("./a/../b/", "b"), ("a..b", "a..b"), ("...", "...")]
)
def test_project_path(written: str, path: str) -> None:
    assert scalars.parse_project_path(written) == path


@pytest.mark.parametrize("written", ["", "/", "/a", "..", "../a", "a/../..", "~/a", "a\\b", "a\nb", "a\0", None, 1])
def test_no_project_path(written: object) -> None:
    with pytest.raises(Refused):
        scalars.parse_project_path(written)


def test_secrets_may_lie_outside_of_the_project_but_not_beside_it() -> None:
    assert scalars.parse_secret_path("/etc/keys//a.pem") == "/etc/keys/a.pem"
    with pytest.raises(Refused):
        scalars.parse_secret_path("../a.pem")


@pytest.mark.parametrize("host", ["localhost", "a.b-c.example", "10.0.0.1", "::1", "xn--bcher-kva.example"])
def test_host(host: str) -> None:
    assert scalars.parse_host(host) == host


@pytest.mark.parametrize("host", ["", "a_b", "-a", "a..b", "a/b", "http://a", "a:80", "*.a", "a" * 64, 1.5, None])
def test_no_host(host: object) -> None:
    with pytest.raises(Refused):
        scalars.parse_host(host)


@pytest.mark.parametrize("url", ["redis://h", "rediss://h:6380", "https://[::1]:8080/a", "libsql://db-org.turso.io"])
def test_url(url: str) -> None:
    assert scalars.parse_url(url) == url


@pytest.mark.parametrize("url", ["h:1", "redis://", "redis://h:70000", "redis://a b", "//h", "redis://:p@h", "", None])
def test_no_url(url: object) -> None:
    with pytest.raises(Refused):
        scalars.parse_url(url)


def test_credentials_of_a_url_are_not_repeated() -> None:
    with pytest.raises(Refused) as refused:
        scalars.parse_url("redis://user:hunter2@host")
    assert "hunter2" not in str(refused.value)


@pytest.mark.parametrize(
    ("written", "found"),
    [("10.0.0.0/24", "10.0.0.0/24"), ("192.0.2.1", "192.0.2.1/32"), ("2001:DB8::/32", "2001:db8::/32")],
)
def test_ip_range(written: str, found: str) -> None:
    assert scalars.parse_ip_range(written) == found


@pytest.mark.parametrize("written", ["", "10.0.0.1/24", "0.0.0.0/0", "::/0", "10.0.0.0/33", "10.0.0", "*", 10, None])
def test_no_ip_range(written: object) -> None:
    with pytest.raises(Refused):
        scalars.parse_ip_range(written)


@pytest.mark.parametrize("name", ["X-Api-Key", "authorization", "x_key"])
def test_header_name(name: str) -> None:
    assert scalars.parse_header_name(name) == name


@pytest.mark.parametrize("name", ["", "X Key", "X-Key:", "X-Key\n", ":path", "x-forwarded-for", "Forwarded", 1, None])
def test_no_header_name(name: object) -> None:
    with pytest.raises(Refused):
        scalars.parse_header_name(name)
