# Copyright: (c) 2026, bunops contributors
# SPDX-License-Identifier: Apache-2.0
"""A client of an S3-compatible store, and its failures as one clear sentence each."""

from __future__ import annotations

import contextlib
import re
import traceback
from pathlib import Path
from typing import Any, Iterator, NamedTuple, Optional

from ansible_collections.bunops.platform.plugins.module_utils.backup.errors import BackupError, LibraryMissing

_CONNECT_LIMIT = 10
_ATTEMPTS = 3
_UNKNOWN_KEY = "access_key_file: {endpoint} does not know the access key in it"
_SYSTEM = re.compile(r"\[Errno -?\d+\] ([^()]+)")
_KEY = re.compile(r"[\x21-\x7e]+")
# By the code of the store's answer; its message may quote what was sent.
_REASONS = {
    "NoSuchBucket": "bucket: there is no {bucket} at {endpoint}",
    "InvalidAccessKeyId": _UNKNOWN_KEY,
    # So says Versity's gateway.
    "XAdminUserNotFound": _UNKNOWN_KEY,
    "SignatureDoesNotMatch": "secret_key_file: {endpoint} says that what is in it is not the secret of the access key",
    "AccessDenied": "access_key_file: {endpoint} does not allow {operation} on the bucket {bucket} to this access key",
}


class Settings(NamedTuple):
    """The option `s3`. timeout: seconds that the store may be silent."""

    endpoint: str
    bucket: str
    access_key_file: str
    secret_key_file: str
    prefix: str
    region: str
    ca_file: Optional[str]
    timeout: float


def connect(settings: Settings) -> Any:
    """A client, which has sent nothing yet. Raises BackupError, LibraryMissing."""
    try:
        import boto3
        from botocore.config import Config
    except ImportError:
        raise LibraryMissing("boto3", traceback.format_exc()) from None
    keys = {
        "aws_access_key_id": _key("access_key_file", settings.access_key_file),
        "aws_secret_access_key": _key("secret_key_file", settings.secret_key_file),
    }
    if settings.ca_file is not None:
        _read("ca_file", settings.ca_file)
    config = Config(
        # Every store has it, also those without a domain name for each bucket.
        s3={"addressing_style": "path", "payload_signing_enabled": True},
        # The signature covers the SHA-256 of what is sent; not every store knows the newer checksums.
        request_checksum_calculation="when_required",
        response_checksum_validation="when_required",
        signature_version="s3v4",
        connect_timeout=_CONNECT_LIMIT,
        read_timeout=settings.timeout,
        retries={"mode": "standard", "total_max_attempts": _ATTEMPTS},
    )
    with failures(settings):
        return boto3.session.Session(**keys, region_name=settings.region).client(
            "s3", endpoint_url=settings.endpoint, verify=settings.ca_file or True, config=config
        )


@contextlib.contextmanager
def failures(settings: Settings) -> Iterator[None]:
    """Turn the library's exceptions into BackupError."""
    from botocore import exceptions

    try:
        yield
    except exceptions.ClientError as error:
        raise BackupError("s3: " + _reason(settings, error)) from None
    except exceptions.SSLError as error:
        raise BackupError(
            "s3: endpoint: no trusted connection to %s: %s; ca_file names the authorities that are trusted"
            % (settings.endpoint, error.kwargs.get("error"))
        ) from None
    except (exceptions.EndpointConnectionError, exceptions.ConnectTimeoutError) as error:
        cause = "it takes too long" if isinstance(error, exceptions.ConnectTimeoutError) else _cause(error)
        raise BackupError("s3: endpoint: %s cannot be reached: %s" % (settings.endpoint, cause)) from None
    except exceptions.BotoCoreError as error:
        raise BackupError("s3: endpoint: no good answer from %s: %s" % (settings.endpoint, error)) from None


def code_of(error: Any) -> str:
    """The code in the answer of the store, or what it is in HTTP."""
    return str(error.response.get("Error", {}).get("Code") or "an error without a code")


def _reason(settings: Settings, error: Any) -> str:
    known = _REASONS.get(code_of(error))
    if known is None:
        return "endpoint: %s refuses %s: %s" % (settings.endpoint, error.operation_name, code_of(error)[:80])
    return known.format(operation=error.operation_name, **settings._asdict())


def _cause(error: Any) -> str:
    """The system's reason, which the libraries wrap in names of theirs."""
    said = _SYSTEM.search(str(error.kwargs.get("error")))
    return said.group(1) if said else "nothing answers"


def _key(field: str, path: str) -> str:
    key = _read(field, path).strip()
    if not _KEY.fullmatch(key):
        raise BackupError("s3: %s: what is in %s is no key; expected one line of printable ASCII" % (field, path))
    return key


def _read(field: str, path: str) -> str:
    try:
        return Path(path).read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        what = error.strerror if isinstance(error, OSError) else "it is no UTF-8"
        raise BackupError("s3: %s: %s cannot be read: %s" % (field, path, what)) from None
