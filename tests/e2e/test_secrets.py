"""The values of the secrets are in their files and nowhere else."""

from __future__ import annotations

from pathlib import Path

from ansible_collections.bunops.platform.tests.e2e.platform_under_test import PlatformUnderTest, command


def test_no_value_is_printed_or_stored_outside_the_secrets_directory(platform: PlatformUnderTest) -> None:
    secrets = secret_values(platform)
    assert len(secrets) >= 2
    places = {"playbook output": platform.play("local.yml", "-vvv", "--diff").output}
    places["check output"] = platform.play("local.yml", "-vvv", "--diff", "--check").output
    for service, identifier in platform.containers().items():
        places[f"docker inspect {service}"] = command("docker", "inspect", identifier)
        places[f"log of {service}"] = command("docker", "logs", identifier)
    for tag in platform.images():
        places[f"image {tag}"] = command("docker", "image", "inspect", f"{tag}:local")
        places[f"history of {tag}"] = command("docker", "history", "--no-trunc", f"{tag}:local")
    for process in Path("/proc").glob("[0-9]*/cmdline"):
        places[f"arguments {process}"] = read(process)
    for file in (platform.directory / ".bunops").rglob("*"):
        if file.is_file() and "secrets" not in file.parts:
            places[str(file)] = read(file)

    found = [(place, name) for place, text in places.items() for name, value in secrets.items() if value in text]
    assert found == []


def secret_values(platform: PlatformUnderTest) -> dict[str, str]:
    files = (platform.directory / ".bunops" / "secrets").iterdir()
    return {file.name: value for file in files if file.suffix not in (".acl", ".pub") and (value := read(file))}


def read(path: Path) -> str:
    try:
        return path.read_text(errors="replace")
    except (FileNotFoundError, IsADirectoryError, ProcessLookupError):
        return ""
