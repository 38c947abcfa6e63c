"""The web server of tests/e2e as a pod, in a namespace of its own, outside of the platform."""

from __future__ import annotations

from types import TracebackType
from typing import Any

from ansible_collections.bunops.platform.plugins.module_utils.cluster.client import APPLY, Client
from ansible_collections.bunops.platform.tests.e2e.pages import SERVER
from ansible_collections.bunops.platform.tests.e2e.platform_under_test import eventually

_LABELS = {"app": "pages"}
Json = dict[str, Any]


def pages_host(platform: str) -> str:
    """The name under which the tasks of a platform reach its pages."""
    return f"pages.{_namespace(platform)}.svc.cluster.local"


def _namespace(platform: str) -> str:
    return f"{platform}-pages"


class ClusterPages:
    """Serves http://<pages_host>:8000/<anything>, as server.js does. image: one that has Bun, such as the API's."""

    def __init__(self, client: Client, platform: str, image: str) -> None:
        self._client = client
        self._namespace = _namespace(platform)
        self._host = pages_host(platform)
        self._image = image

    def __enter__(self) -> ClusterPages:
        self._apply({"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": self._namespace}})
        container = {"name": "pages", "image": self._image, "command": ["bun", "-e", SERVER]}
        pod = {"containers": [container], "terminationGracePeriodSeconds": 0}
        self._apply({"apiVersion": "v1", "kind": "Pod", "metadata": self._metadata(), "spec": pod})
        service = {"selector": _LABELS, "ports": [{"port": 8000}]}
        self._apply({"apiVersion": "v1", "kind": "Service", "metadata": self._metadata(), "spec": service})
        eventually(self._running, 60)
        return self

    def __exit__(self, _type: type[BaseException] | None, _e: BaseException | None, _t: TracebackType | None) -> None:
        self._client.request("DELETE", self._client.path("v1", "Namespace", None, self._namespace))

    def url(self, path: str) -> str:
        return f"http://{self._host}:8000{path}"

    def _running(self) -> bool | None:
        pod = self._client.get("v1", "Pod", self._namespace, "pages")
        return bool(pod and pod["status"].get("phase") == "Running") or None

    def _metadata(self) -> Json:
        return {"name": "pages", "namespace": self._namespace, "labels": _LABELS}

    def _apply(self, wanted: Json) -> None:
        metadata = wanted["metadata"]
        path = self._client.path(wanted["apiVersion"], wanted["kind"], metadata.get("namespace"), metadata["name"])
        query = {"fieldManager": "bunops-tests", "force": "true"}
        self._client.request("PATCH", path, body=wanted, query=query, content_type=APPLY)
