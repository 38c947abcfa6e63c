# Copyright: (c) 2026, bunops contributors
# SPDX-License-Identifier: Apache-2.0
"""What is waited for, and what is said about it, as typed values."""

from __future__ import annotations

from typing import Any, Dict, Iterator, List, Mapping, NamedTuple, Optional, Protocol, Sequence

from ansible_collections.bunops.platform.plugins.module_utils.cluster.errors import ClusterError

# An object of the API as it came: {"apiVersion": …, "kind": …, "metadata": …, "spec": …, "status": …}.
Object = Mapping[str, Any]


class Reader(Protocol):
    """The part of the client that a wait needs; see cluster/client.py."""

    def list(
        self,
        api_version: str,
        kind: str,
        namespace: Optional[str] = None,
        label_selector: Optional[str] = None,
        field_selector: Optional[str] = None,
    ) -> Iterator[Dict[str, Any]]:
        """Objects of a kind, page by page."""

    def text(self, path: str, query: Optional[Mapping[str, Any]] = None) -> str:
        """What a GET answers as text."""


class Target(NamedTuple):
    """An object to wait for. namespace: "" for cluster-scoped ones. changed: this run has created or changed it."""

    api_version: str
    kind: str
    namespace: str
    name: str
    changed: bool = True

    def __str__(self) -> str:
        return f"{self.kind} {self.namespace}/{self.name}" if self.namespace else f"{self.kind} {self.name}"


class Expectation(NamedTuple):
    """A condition that the user wants to see on objects of a kind, or on the one of that name."""

    kind: str
    type: str
    status: str = "True"
    name: Optional[str] = None


class Verdict(NamedTuple):
    """What an object says about itself. code: a word for programs; text: the rest of the sentence "<object>: …".

    failed: it will not become ready by itself. evidence: changes whenever the failure is found anew, see Cause.
    """

    ready: bool
    failed: bool = False
    code: str = ""
    text: str = ""
    evidence: str = ""


READY = Verdict(ready=True)


def waiting(text: str, code: str = "InProgress") -> Verdict:
    """Not ready, but on its way."""
    return Verdict(ready=False, code=code, text=text)


def failed(code: str, text: str, evidence: str = "") -> Verdict:
    """Not ready, and no longer on its way."""
    return Verdict(ready=False, failed=True, code=code, text=text, evidence=evidence)


class Cause(NamedTuple):
    """One thing that keeps an object from becoming ready.

    code: Kubernetes' own word (ImagePullBackOff, Unschedulable, …). text: one line for people.
    grace: seconds that it may last before the wait ends because of it; None: it only explains.
    pod, container: where it shows, "" if nowhere. log: which log tells more: "", "current" or "previous".
    restarts: for crash loops, how often the container has been restarted.
    evidence: changes whenever the cluster has tried again and failed again; "" where it tries so often that the
    grace is enough. Back-off can make that minutes: what was found before this run says nothing about this run.
    """

    code: str
    text: str
    grace: Optional[float] = None
    pod: str = ""
    container: str = ""
    log: str = ""
    restarts: Optional[int] = None
    evidence: str = ""


class Problem(NamedTuple):
    """Why one object did not become ready. log: the container's last lines, oldest first."""

    target: Target
    code: str
    text: str
    pod: str = ""
    container: str = ""
    log: Sequence[str] = ()

    def as_dict(self) -> Dict[str, Any]:
        """For a module's result."""
        return {
            "kind": self.target.kind,
            "namespace": self.target.namespace,
            "name": self.target.name,
            "reason": self.code,
            "message": self.text,
            "pod": self.pod,
            "container": self.container,
            "log": list(self.log),
        }


class NotReady(ClusterError):
    """Objects did not become ready; the text says which and why. early: something had failed before the time was up."""

    def __init__(self, message: str, problems: Sequence[Problem], early: bool) -> None:
        super().__init__(message)
        self.problems: List[Problem] = list(problems)
        self.early = early
