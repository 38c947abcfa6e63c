"""The results of 1,000 jobs survive the loss of everything, byte for byte."""

from __future__ import annotations

import hashlib
import urllib.request
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from ansible_collections.bunops.platform.plugins.module_utils.backup import snapshot_libsql
from ansible_collections.bunops.platform.tests.e2e.pages import Pages
from ansible_collections.bunops.platform.tests.e2e.platform_under_test import PlatformUnderTest, command
from ansible_collections.bunops.platform.tests.e2e.results import JOBS, results, statements

SECRETS = ("REDIS_BACKUP_PASSWORD", "REDIS_PASSWORD", "TURSO_AUTH_TOKEN")


def write_results(platform: PlatformUnderTest) -> list[str]:
    """Their ids."""
    token = (platform.directory / ".bunops/secrets/TURSO_AUTH_TOKEN").read_text().strip()
    made = results(5_000, 30_000)
    for sql in statements(made):
        snapshot_libsql.query("turso", platform.url("turso"), {"Authorization": f"Bearer {token}"}, sql, 60)
    return [each.identifier for each in made]


def told(platform: PlatformUnderTest, ids: list[str]) -> dict[str, str]:
    """What the API says of each job, and its image, as a digest."""

    def digest(identifier: str) -> str:
        seen = hashlib.sha256()
        for path in (identifier, f"{identifier}/screenshot"):
            with urllib.request.urlopen(platform.url("api", f"/v1/jobs/{path}"), timeout=30) as answer:
                seen.update(answer.read())
        return seen.hexdigest()

    with ThreadPoolExecutor(8) as pool:
        return dict(zip(ids, pool.map(digest, ids), strict=True))


def test_a_thousand_results_come_back_after_everything_was_lost(platform: PlatformUnderTest, pages: Pages) -> None:
    real = platform.ended_job(platform.post_job(pages.url("/backed-up")))
    ids = [*write_results(platform), str(real["id"])]
    before = told(platform, ids)
    assert len(set(before.values())) == JOBS + 1
    canaries = [(platform.directory / ".bunops/secrets" / name).read_text().strip() for name in SECRETS]

    played = [platform.play("backup.yml", "--check", "--diff"), platform.play("backup.yml", "-vvv", "--diff")]
    assert told(platform, ids) == before
    (backup,) = (platform.directory / ".bunops/backups" / platform.name).glob("2*")
    refused = platform.play("restore.yml", check=False)
    assert refused.rc != 0
    assert "replace: is false, and there is data in the volumes" in refused.output
    # It was refused before anything stopped.
    assert told(platform, ids[:3]) == {name: before[name] for name in ids[:3]}

    pages.stop()
    platform.play("clean.yml")
    volumes = command("docker", "volume", "ls", "-q", "--filter", f"label=com.docker.compose.project={platform.name}")
    assert volumes == ""
    played += [platform.play("restore.yml", "--check", "--diff"), platform.play("restore.yml", "-vvv", "--diff")]
    pages.start()
    assert told(platform, ids) == before
    # Compose takes the volumes for its own.
    assert platform.play("local.yml").changed == 0
    assert platform.ended_job(platform.post_job(pages.url("/after")))["status"] == "done"

    written = b"".join(path.read_bytes() for path in Path(backup).iterdir()).decode("utf-8", "replace")
    for canary in canaries:
        assert canary not in written
        assert all(canary not in play.output for play in [*played, refused])
    assert command("docker", "ps", "-aq", "--filter", f"label=io.bunops.scratch={platform.name}") == ""
