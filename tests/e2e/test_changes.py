"""What a second run changes: nothing, or exactly what was edited."""

from __future__ import annotations

from pathlib import Path

from ansible_collections.bunops.platform.tests.e2e.platform_under_test import PlatformUnderTest, command, inspect

MEGABYTE = 1_000_000


def test_an_unchanged_platform_is_left_alone(platform: PlatformUnderTest) -> None:
    before = platform.containers()
    assert platform.play("local.yml", "--check").changed == 0
    assert platform.play("local.yml").changed == 0
    assert platform.containers() == before


def test_an_edit_of_the_api_changes_one_image_one_container_and_one_small_layer(platform: PlatformUnderTest) -> None:
    containers, images = platform.containers(), platform.images()
    edit(platform.directory / "examples/platform/api/src/main.ts")

    foreseen = platform.play("local.yml", "--check", "--diff")
    assert "api: will be built: source changed: api/src/main.ts" in foreseen.output
    assert f'image: "{platform.name}/api:local (to be built)"' in foreseen.output
    assert foreseen.output.count("(to be built)") == 1, "another service would be recreated too"
    assert platform.images() == images, "check mode built an image"
    assert platform.containers() == containers, "check mode touched a container"

    platform.play("local.yml")
    api = f"{platform.name}/api"
    assert changed(images, platform.images()) == {api}
    assert changed(containers, platform.containers()) == {"api"}
    assert new_layer_bytes(images[api], platform.images()[api]) < MEGABYTE
    assert platform.play("local.yml").changed == 0


def test_a_changed_setting_recreates_the_services_that_have_it(platform: PlatformUnderTest) -> None:
    before = platform.containers()
    settings = platform.catalog["services"]["dashboard"]["env"]
    former = settings["LOG_LEVEL"]
    try:
        settings["LOG_LEVEL"] = "warn"
        platform.write_inventory()
        foreseen = platform.play("local.yml", "--check", "--diff")
        assert "LOG_LEVEL" in foreseen.output
        platform.play("local.yml")
        assert changed(before, platform.containers()) == {"dashboard"}
    finally:
        settings["LOG_LEVEL"] = former
        platform.write_inventory()
        platform.play("local.yml")


def edit(program: Path) -> None:
    program.write_text(program.read_text() + '\nconsole.debug("edited by a test");\n')


def changed(before: dict[str, str], after: dict[str, str]) -> set[str]:
    assert before.keys() == after.keys()
    return {name for name, identifier in after.items() if before[name] != identifier}


def new_layer_bytes(old: str, new: str) -> int:
    """Size of what the new image has on top of the layers that both share."""
    old_layers = inspect("image", old)["RootFS"]["Layers"]
    new_layers = inspect("image", new)["RootFS"]["Layers"]
    assert old_layers[:-1] == new_layers[:-1], "more than the last layer changed"
    return int(inspect("image", new)["Size"]) - shared_bytes(new, len(new_layers) - 1)


def shared_bytes(image: str, layers: int) -> int:
    sizes = [
        int(size) for size in command("docker", "history", "--human=false", "--format", "{{.Size}}", image).split()
    ]
    nonempty = [size for size in reversed(sizes) if size > 0]
    return sum(nonempty[:layers])
