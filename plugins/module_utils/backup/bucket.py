# Copyright: (c) 2026, bunops contributors
# SPDX-License-Identifier: Apache-2.0
"""Backups in a bucket of an S3-compatible store. The manifest comes last: without it there is no backup."""

from __future__ import annotations

import contextlib
import hashlib
import shutil
from pathlib import Path
from typing import Any, Dict, Iterator, List, NamedTuple, Sequence

from ansible_collections.bunops.platform.plugins.module_utils.backup import places, s3
from ansible_collections.bunops.platform.plugins.module_utils.backup.errors import BackupError
from ansible_collections.bunops.platform.plugins.module_utils.backup.model import (
    MANIFEST,
    Manifest,
    Snapshot,
    parse_manifest,
)

_ABSENT = ("404", "NoSuchKey")


class _Upload(NamedTuple):
    """One of several parts that nobody has completed."""

    key: str
    identifier: str


class _Digest:
    """A file to download into that keeps a digest only."""

    def __init__(self) -> None:
        self.sha256 = hashlib.sha256()

    def write(self, chunk: bytes) -> int:
        self.sha256.update(chunk)
        return len(chunk)


class Bucket:
    """A place; see places.Place. Only one machine at a time may back up a platform to a prefix."""

    def __init__(self, settings: s3.Settings, client: Any, platform: str, work: Path) -> None:
        self.work = work
        self._settings = settings
        self._client = client
        self._base = "/".join(part for part in (settings.prefix, platform) if part) + "/"

    def where(self, name: str) -> str:
        return "s3://%s/%s%s" % (self._settings.bucket, self._base, name)

    def backups(self) -> List[str]:
        return [name for name, files in self._found().items() if MANIFEST in files]

    def unfinished(self) -> List[str]:
        found = self._found()
        for upload in self._uploads():
            self._add(found, upload.key, 0)
        return [*places.leftovers(self.work), *sorted(name for name in found if MANIFEST not in found[name])]

    def remove(self, names: Sequence[str]) -> None:
        for name in names:
            if name.startswith(places.UNFINISHED):
                places.remove_leftovers(self.work, [name])
            else:
                self._clear(name)

    def keep(self, unfinished: Path, name: str, manifest: Manifest) -> None:
        try:
            for snapshot in manifest.snapshots:
                self._send(unfinished / snapshot.file, self._key(name, snapshot.file))
            self._compare_sizes(name, manifest)
            self._send(unfinished / MANIFEST, self._key(name, MANIFEST))
        except BaseException:
            # If that fails as well, the next run does it.
            with contextlib.suppress(BackupError):
                self._clear(name)
            raise
        shutil.rmtree(str(unfinished))

    def manifest(self, name: str) -> Manifest:
        where = "%s/%s" % (self.where(name), MANIFEST)
        with s3.failures(self._settings):
            answer = self._client.get_object(Bucket=self._settings.bucket, Key=self._key(name, MANIFEST))
            content: bytes = answer["Body"].read()
        try:
            return parse_manifest(content.decode(), where)
        except UnicodeDecodeError:
            raise BackupError("%s is no UTF-8" % where) from None

    def check(self, name: str, manifest: Manifest) -> None:
        for snapshot in manifest.snapshots:
            seen = _Digest()
            self._receive(name, snapshot, seen)
            places.compare(self._file(name, snapshot), seen.sha256.hexdigest(), snapshot)

    @contextlib.contextmanager
    def files(self, name: str, manifest: Manifest) -> Iterator[Path]:
        folder = self.work / (places.UNFINISHED + name)
        if folder.exists():
            shutil.rmtree(str(folder))
        folder.mkdir(mode=0o700)
        try:
            for snapshot in manifest.snapshots:
                path = folder / snapshot.file
                path.touch(mode=0o600)
                with path.open("wb") as file:
                    self._receive(name, snapshot, file)
                places.compare(self._file(name, snapshot), places.sha256_of(path), snapshot)
            yield folder
        finally:
            shutil.rmtree(str(folder))

    def _send(self, path: Path, key: str) -> None:
        # A large file goes in parts, which the library aborts if it is interrupted.
        with s3.failures(self._settings), path.open("rb") as file:
            self._client.upload_fileobj(file, self._settings.bucket, key)

    def _receive(self, name: str, snapshot: Snapshot, target: Any) -> None:
        from botocore.exceptions import ClientError

        with s3.failures(self._settings):
            try:
                self._client.download_fileobj(self._settings.bucket, self._key(name, snapshot.file), target)
            except ClientError as error:
                if s3.code_of(error) in _ABSENT:
                    raise BackupError("%s is missing" % self._file(name, snapshot)) from None
                raise

    def _compare_sizes(self, name: str, manifest: Manifest) -> None:
        """Somebody else, such as a run on another machine, may have removed what was sent."""
        found = self._found().get(name, {})
        for snapshot in manifest.snapshots:
            if found.get(snapshot.file) != snapshot.bytes:
                raise BackupError("%s was changed while it was made; another run?" % self.where(name))

    def _clear(self, name: str) -> None:
        """Without its manifest it is none any more, so that goes first."""
        uploads = [upload for upload in self._uploads() if upload.key.startswith(self._key(name, ""))]
        with s3.failures(self._settings):
            for upload in uploads:
                self._client.abort_multipart_upload(
                    Bucket=self._settings.bucket, Key=upload.key, UploadId=upload.identifier
                )
            for file in sorted(self._found().get(name, {}), key=lambda file: file != MANIFEST):
                self._client.delete_object(Bucket=self._settings.bucket, Key=self._key(name, file))

    def _found(self) -> Dict[str, Dict[str, int]]:
        """Of each backup, whole or not, the sizes of its files. What has another name is somebody else's."""
        found: Dict[str, Dict[str, int]] = {}
        with s3.failures(self._settings):
            for page in self._pages("list_objects_v2"):
                for each in page.get("Contents", []):
                    self._add(found, each["Key"], each["Size"])
        return found

    def _add(self, found: Dict[str, Dict[str, int]], key: str, size: int) -> None:
        name, _unused, file = key[len(self._base) :].partition("/")
        if places.NAME.fullmatch(name):
            found.setdefault(name, {})[file] = size

    def _uploads(self) -> List[_Upload]:
        with s3.failures(self._settings):
            pages = list(self._pages("list_multipart_uploads"))
        return [_Upload(each["Key"], each["UploadId"]) for page in pages for each in page.get("Uploads", [])]

    def _pages(self, operation: str) -> Iterator[Any]:
        found: Iterator[Any] = self._client.get_paginator(operation).paginate(
            Bucket=self._settings.bucket, Prefix=self._base
        )
        return found

    def _key(self, name: str, file: str) -> str:
        return "%s%s/%s" % (self._base, name, file)

    def _file(self, name: str, snapshot: Snapshot) -> str:
        return "%s/%s" % (self.where(name), snapshot.file)
