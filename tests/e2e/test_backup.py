"""The results of 1,000 jobs survive the loss of everything, byte for byte."""

from __future__ import annotations

import hashlib
import random
import urllib.request
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from ansible_collections.bunops.platform.plugins.module_utils.backup import snapshot_libsql
from ansible_collections.bunops.platform.tests.e2e.pages import Pages
from ansible_collections.bunops.platform.tests.e2e.platform_under_test import PlatformUnderTest, command

JOBS = 1000
SECRETS = ("REDIS_BACKUP_PASSWORD", "REDIS_PASSWORD", "TURSO_AUTH_TOKEN")
_JPEG = b"\xff\xd8\xff"
_BATCH = 20
_AT = "2026-01-01T00:00:00.000Z"


def write_results(platform: PlatformUnderTest) -> list[str]:
    """Finished jobs as the worker writes them, each with a text and an image of its own; their ids."""
    token = (platform.directory / ".bunops/secrets/TURSO_AUTH_TOKEN").read_text().strip()
    headers = {"Authorization": f"Bearer {token}"}
    chance = random.Random(8)
    ids = [f"01940000-0000-7000-8000-{number:012x}" for number in range(JOBS)]
    for begin in range(0, JOBS, _BATCH):
        rows = []
        for identifier in ids[begin : begin + _BATCH]:
            image = _JPEG + chance.randbytes(chance.randrange(5_000, 30_000))
            text = f"It''s {identifier};\n☃ \\n -- " + chance.randbytes(200).hex()
            rows.append(
                f"('{identifier}', 'http://pages/', 'done', 1, '{_AT}', '{_AT}', '{_AT}', 12, 200, 'http://pages/', "
                f"'A title', NULL, '{text}', X'{image.hex()}')"
            )
        sql = "INSERT INTO jobs VALUES " + ",\n".join(rows)
        snapshot_libsql.query("turso", platform.url("turso"), headers, sql, 60)
    return ids


def results(platform: PlatformUnderTest, ids: list[str]) -> dict[str, str]:
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
    before = results(platform, ids)
    assert len(set(before.values())) == JOBS + 1
    canaries = [(platform.directory / ".bunops/secrets" / name).read_text().strip() for name in SECRETS]

    played = [platform.play("backup.yml", "--check", "--diff"), platform.play("backup.yml", "-vvv", "--diff")]
    assert results(platform, ids) == before
    (backup,) = (platform.directory / ".bunops/backups" / platform.name).glob("2*")
    refused = platform.play("restore.yml", check=False)
    assert refused.rc != 0
    assert "replace: is false, and there is data in the volumes" in refused.output
    # It was refused before anything stopped.
    assert results(platform, ids[:3]) == {name: before[name] for name in ids[:3]}

    pages.stop()
    platform.play("clean.yml")
    volumes = command("docker", "volume", "ls", "-q", "--filter", f"label=com.docker.compose.project={platform.name}")
    assert volumes == ""
    played += [platform.play("restore.yml", "--check", "--diff"), platform.play("restore.yml", "-vvv", "--diff")]
    pages.start()
    assert results(platform, ids) == before
    # Compose takes the volumes for its own.
    assert platform.play("local.yml").changed == 0
    assert platform.ended_job(platform.post_job(pages.url("/after")))["status"] == "done"

    written = b"".join(path.read_bytes() for path in Path(backup).iterdir()).decode("utf-8", "replace")
    for canary in canaries:
        assert canary not in written
        assert all(canary not in play.output for play in [*played, refused])
    assert command("docker", "ps", "-aq", "--filter", f"label=io.bunops.scratch={platform.name}") == ""
