"""Least privilege, read from what really runs and tried from inside."""

from __future__ import annotations

import pytest

from ansible_collections.bunops.platform.tests.e2e.platform_under_test import PORTS, PlatformUnderTest, command, inspect

REACH = """
const [host, port] = process.argv.slice(-2);
const reached = () => { console.log("reached"); process.exit(0); };
try {
  await Promise.race([
    Bun.connect({hostname: host, port: Number(port), socket: {data() {}, open: reached}}),
    Bun.sleep(3000).then(() => { throw new Error("timeout"); }),
  ]);
  await Bun.sleep(3000);
} catch {}
console.log("unreachable");
process.exit(0);
"""


def test_every_container_has_the_least_rights(platform: PlatformUnderTest) -> None:
    for service, identifier in platform.containers().items():
        container = inspect("container", identifier)
        host = container["HostConfig"]
        assert container["Config"]["User"] == "1000:1000", service
        assert host["ReadonlyRootfs"], service
        assert host["CapDrop"] == ["ALL"], service
        assert not host["CapAdd"], service
        assert "no-new-privileges:true" in host["SecurityOpt"], service
        assert not host["Privileged"], service
        assert host["Memory"] > 0, service
        assert host["MemorySwap"] == host["Memory"], service
        assert host["NanoCpus"] > 0, service
        assert host["PidsLimit"] > 0, service


def test_only_the_guard_has_the_docker_socket(platform: PlatformUnderTest) -> None:
    holders = {
        service
        for service, identifier in platform.containers().items()
        if any(mount["Source"].endswith("/docker.sock") for mount in inspect("container", identifier)["Mounts"])
    }
    assert holders == {"docker-guard"}


def test_ports_are_published_on_the_loopback_interface_only(platform: PlatformUnderTest) -> None:
    published = {
        (service, binding["HostIp"], int(binding["HostPort"]))
        for service, identifier in platform.containers().items()
        for bindings in (inspect("container", identifier)["NetworkSettings"]["Ports"] or {}).values()
        for binding in bindings or []
    }
    assert published == {(service, "127.0.0.1", port) for service, port in PORTS.items()}


@pytest.mark.parametrize(
    ("service", "host", "expected"),
    [
        ("api", "redis", "reached"),
        ("api", "turso", "reached"),
        ("worker", "redis", "reached"),
        ("dashboard", "api", "reached"),
        ("dashboard", "redis", "unreachable"),
        ("dashboard", "turso", "unreachable"),
        ("worker", "dashboard", "unreachable"),
    ],
)
def test_a_service_reaches_what_it_uses_and_nothing_else(
    platform: PlatformUnderTest, service: str, host: str, expected: str
) -> None:
    container = platform.container(service)
    said = command("docker", "exec", container, "bun", "-e", REACH, host, str(PORTS[host]))
    assert said.strip() == expected


def test_redis_asks_for_its_password(platform: PlatformUnderTest) -> None:
    port = str(PORTS["redis"])
    said = command("docker", "exec", platform.container("redis"), "redis-cli", "-p", port, "get", "x", check=False)
    assert "NOAUTH" in said
