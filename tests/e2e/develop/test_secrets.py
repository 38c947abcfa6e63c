"""The values of the secrets are in their files and nowhere else, also while developing."""

from __future__ import annotations

from pathlib import Path

from ansible_collections.bunops.platform.tests.e2e.develop.developed import SERVICES, Developed
from ansible_collections.bunops.platform.tests.e2e.platform_under_test import command
from ansible_collections.bunops.platform.tests.e2e.test_secrets import read, secret_values


def test_no_value_is_printed_or_stored_outside_the_secrets_directory(developed: Developed) -> None:
    secrets = secret_values(developed)
    assert len(secrets) >= 2
    places = {"playbook output": developed.develop("-vvv", "--diff").output}
    for service, identifier in developed.containers().items():
        places[f"docker inspect {service}"] = command("docker", "inspect", identifier)
        places[f"log of {service}"] = command("sh", "-c", f"docker logs {identifier} 2>&1")
        if service in SERVICES:
            places[f"environment in {service}"] = command("docker", "exec", identifier, "cat", "/proc/1/environ")
            places[f"arguments in {service}"] = command("docker", "exec", identifier, "sh", "-c", ARGUMENTS)
    for tag in command("docker", "images", "--format", "{{.Repository}}:{{.Tag}}", f"{developed.name}/*").split():
        places[f"image {tag}"] = command("docker", "image", "inspect", tag)
        places[f"history of {tag}"] = command("docker", "history", "--no-trunc", tag)
    for process in Path("/proc").glob("[0-9]*/cmdline"):
        places[f"arguments {process}"] = read(process)
    for file in written(developed.directory):
        places[str(file)] = read(file)
    assert str(developed.file) in places
    assert any(place.startswith("image ") and place.endswith(":dev") for place in places)

    found = [(place, name) for place, text in places.items() for name, value in secrets.items() if value in text]
    assert found == []


ARGUMENTS = "cat /proc/[0-9]*/cmdline"


def written(directory: Path) -> list[Path]:
    """All files of the project, such as a Tiltfile, but those that hold the secrets."""
    files = [file for file in directory.rglob("*") if file.is_file()]
    return [file for file in files if "secrets" not in file.relative_to(directory).parts]
