# Copyright: (c) 2026, bunops contributors
# SPDX-License-Identifier: Apache-2.0
"""What can go wrong with a cluster; every text is for people."""

from __future__ import annotations

from typing import Any, Dict, List, Mapping, Optional


class ClusterError(Exception):
    """Base of all errors of this package: something that the user has to know, as one text."""


class ConfigError(ClusterError):
    """The connection options or the kubeconfig cannot be used."""


class Unreachable(ClusterError):
    """The API server gave no usable answer for as long as the client's patience lasts."""


class UnknownKind(ClusterError):
    """The API server does not serve a kind. unreadable: API groups whose kinds it could not list just now."""

    def __init__(self, api_version: str, kind: str, unreadable: List[str]) -> None:
        text = f"the API server serves no kind {kind} in {api_version}"
        if unreadable:
            text += f" (and could not list the kinds of {', '.join(unreadable)})"
        super().__init__(text)
        self.api_version = api_version
        self.kind = kind


class ApiError(ClusterError):
    """A refusal by the API server: the Status object of its answer.

    status: HTTP status. reason: machine-readable (NotFound, Conflict, Invalid, Forbidden, …), "" if the answer
    was no Status. message: the server's sentence. details: `causes` (list of {reason, message, field}), `kind`,
    `name`, `retryAfterSeconds`. request: method and path. metadata: the Status' own (`continue` of a list).
    https://kubernetes.io/docs/reference/generated/kubernetes-api/v1.37/#status-v1-meta
    """

    def __init__(
        self,
        status: int,
        reason: str,
        message: str,
        details: Mapping[str, Any],
        request: str = "",
        metadata: Optional[Mapping[str, Any]] = None,
    ) -> None:
        super().__init__(f"{message} ({status} {reason})" if reason else f"{message} ({status})")
        self.status = status
        self.reason = reason
        self.message = message
        self.details: Dict[str, Any] = dict(details)
        self.request = request
        self.metadata: Dict[str, Any] = dict(metadata or {})

    @property
    def causes(self) -> List[Dict[str, Any]]:
        """The single problems of the request, as the server lists them."""
        return list(self.details.get("causes") or [])
