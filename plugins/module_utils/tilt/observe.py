# Copyright: (c) 2026, bunops contributors
# SPDX-License-Identifier: Apache-2.0
"""The observed state: what is on the port, and what a Tilt there says of itself."""

from __future__ import annotations

import json
import socket
import time
from typing import Any, Dict, Mapping, Optional, Sequence

from ansible_collections.bunops.platform.plugins.module_utils import runner
from ansible_collections.bunops.platform.plugins.module_utils.secrecy import mask_text
from ansible_collections.bunops.platform.plugins.module_utils.tilt import answers, client
from ansible_collections.bunops.platform.plugins.module_utils.tilt.model import Seen, Session, TiltError

# Seconds that one answer may take, and that a Tilt may need from its port to its first answer.
ANSWER_LIMIT = 30.0
_FIRST_ANSWER = 5.0
_INTERVAL = 0.3


class Observer:
    """Looks at one port of this machine."""

    def __init__(self, port: int, env: Mapping[str, str]) -> None:
        self.port = port
        self._env = env

    def look(self) -> Seen:
        """What is on the port. A Tilt that is just starting is given a moment."""
        end = time.monotonic() + _FIRST_ANSWER
        while self.is_taken():
            session = self.session()
            if session is not None or time.monotonic() > end:
                return Seen(True, session)
            time.sleep(_INTERVAL)
        return Seen(False)

    def session(self) -> Optional[Session]:
        """What the Tilt on the port says; None if it does not answer."""
        answer = self._answer(client.get_args(self.port))
        return answers.listed(answer) if answer is not None else None

    def view(self) -> Dict[str, Any]:
        """Resources and logs of the Tilt on the port; nothing if it does not answer."""
        answer = self._answer(client.snapshot_args(self.port))
        return dict((answer or {}).get("view") or {})

    def is_taken(self) -> bool:
        """Whether something listens on the port."""
        try:
            socket.create_connection((client.HOST, self.port), timeout=2).close()
        except OSError:
            return False
        return True

    def _answer(self, argv: Sequence[str]) -> Optional[Dict[str, Any]]:
        done = runner.run(argv, env=self._env, timeout=ANSWER_LIMIT)
        if done.rc != 0:
            return None
        return parsed(done.stdout, argv)


def parsed(text: str, argv: Sequence[str]) -> Dict[str, Any]:
    """A JSON document that a command has printed. Raises TiltError."""
    try:
        return dict(json.loads(text))
    except ValueError as error:
        said = " ".join(runner.last_lines(mask_text(text), 1))
        raise TiltError(f"'{' '.join(argv[:3])}': found {said or 'nothing'}, expected JSON.") from error
