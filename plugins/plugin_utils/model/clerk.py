# Copyright: (c) 2026, bunops contributors
# SPDX-License-Identifier: Apache-2.0
"""Sessions of Clerk: which of an instance's keys a service has, and what these say."""

from __future__ import annotations

import base64
import binascii
import re
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from .services import Service

# Of these names are the secrets and the variable that programs read: docs/signing-in.md.
JWT_KEY = "CLERK_JWT_KEY"
SECRET_KEY = "CLERK_SECRET_KEY"  # noqa: S105 - a name
PUBLISHABLE_KEY = "CLERK_PUBLISHABLE_KEY"

_PUBLISHABLE = re.compile(r"pk_(?:live|test)_([A-Za-z0-9+/=_-]+)")
_FRONTEND_API = re.compile(r"([a-z0-9.-]+\.[a-z0-9-]+)\$")


def needs_sessions(service: Service) -> bool:
    """Whether its route is for those who are signed in."""
    return service.route is not None and service.route.auth == "clerk"


def signs_in(service: Service) -> bool:
    """Whether it leads browsers to sign-in and through handshakes itself, which takes the secret key."""
    return needs_sessions(service) and SECRET_KEY in service.secrets


def issuer(service: Service) -> str | None:
    """Who issues its tokens, as far as the catalog tells by the publishable key."""
    key = _PUBLISHABLE.fullmatch(service.env.get(PUBLISHABLE_KEY, ""))
    if key is None:
        return None
    try:
        host = _FRONTEND_API.fullmatch(base64.b64decode(key[1] + "==", altchars=b"-_").decode("ascii"))
    except (binascii.Error, UnicodeDecodeError):
        return None
    return f"https://{host[1]}" if host else None
