# Copyright: (c) 2026, bunops contributors
# SPDX-License-Identifier: Apache-2.0
"""Secrets in files that SOPS encrypts; the program `sops` 3.0 or newer has to be there.

https://getsops.io/docs/
"""

from __future__ import annotations

import os
from typing import Any, Dict, Hashable, List, Mapping, Optional, Union

from ansible_collections.bunops.platform.plugins.module_utils.runner import last_lines
from ansible_collections.bunops.platform.plugins.module_utils.secrecy import mask_text
from ansible_collections.bunops.platform.plugins.module_utils.secrets.errors import SecretError
from ansible_collections.bunops.platform.plugins.module_utils.secrets.sources import document as documents
from ansible_collections.bunops.platform.plugins.module_utils.secrets.sources import program
from ansible_collections.bunops.platform.plugins.module_utils.secrets.sources.content import without_line_end
from ansible_collections.bunops.platform.plugins.module_utils.secrets.sources.model import Surroundings

OPTIONS: Dict[str, Any] = {
    "type": "dict",
    "options": {
        "path": {"type": "path", "required": True},
        # A list of keys and of places in lists, or one key.
        "key": {"type": "raw", "no_log": False},
        "age_key_file": {"type": "path", "no_log": False},
    },
}
# Seconds that it may take: keys may be in a cloud.
_LIMIT = 60.0

Path = List[Union[str, int]]


class Sops:
    """One value in a YAML, JSON, .env or INI file; without a key the whole file, which may be binary."""

    kind = "sops"

    def __init__(self, path: str, key: Optional[Path], age_key_file: Optional[str], environment: Mapping[str, str]):
        self._path = os.path.abspath(os.path.expanduser(path))
        self._key = key
        self._age_key_file = os.path.expanduser(age_key_file) if age_key_file else None
        self._environment = environment

    @classmethod
    def from_options(cls, _name: str, options: Mapping[str, Any], surroundings: Surroundings) -> Sops:
        """The source of one secret."""
        key = options.get("key")
        path = key if isinstance(key, list) or key is None else [str(key)]
        return cls(options["path"], path, options.get("age_key_file"), surroundings.environment)

    def describe(self) -> str:
        """Words for messages."""
        place = ".".join(str(step) for step in self._key) + " in " if self._key else ""
        return f"{place}the SOPS file {self._path}"

    def unit(self) -> Hashable:
        """What is fetched: a document of keys, or the file as it was before it was encrypted."""
        return self.kind, self._path, self._key is None, self._age_key_file

    def fetch(self) -> Any:
        """The decrypted document. Raises SecretError."""
        if not os.path.exists(self._path):
            return None
        # The form that releases before 3.9, without the command `decrypt`, know as well.
        output = ["--output-type", "json"] if self._key is not None else []
        ended = program.run(["sops", "-d", *output, self._path], self._decrypting(), _LIMIT)
        if ended.code != 0:
            said = _cause(ended.stderr) or f"it ended with exit code {ended.code}"
            raise SecretError(f"cannot be decrypted: sops: {said}; expected a file for one of our keys")
        return ended.stdout if self._key is None else _parsed(ended.stdout)

    def pick(self, document: Any) -> Optional[bytes]:
        """The value. Raises SecretError: it is a mapping or a list."""
        if self._key is None:
            return without_line_end(document)
        return documents.value_at(document, self._key)

    def _decrypting(self) -> Dict[str, str]:
        chosen = {"SOPS_AGE_KEY_FILE": self._age_key_file} if self._age_key_file else {}
        return {**self._environment, **chosen}


def _parsed(output: bytes) -> Any:
    try:
        return documents.load_json(output)
    except ValueError:
        raise SecretError("cannot be read: sops printed no JSON; expected sops 3.0 or newer") from None


def _cause(stderr: str) -> str:
    """What sops says of each key that it tried, else its last words; on one line."""
    causes = [line.partition("|")[2].strip() for line in stderr.splitlines() if line.lstrip(" -").startswith("|")]
    return mask_text(" ".join(causes or last_lines(stderr, 2)))[:600]
