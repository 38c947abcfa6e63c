"""The web server of tests/e2e as a pod, in a namespace of its own, outside of the platform."""

from __future__ import annotations

from types import TracebackType

from ansible_collections.bunops.platform.plugins.module_utils.cluster.client import APPLY
from ansible_collections.bunops.platform.tests.e2e.kubernetes.deployment import NAME, PAGES_HOST, Deployment, Json
from ansible_collections.bunops.platform.tests.e2e.pages import SERVER
from ansible_collections.bunops.platform.tests.e2e.platform_under_test import eventually

_NAMESPACE = f"{NAME}-pages"
_LABELS = {"app": "pages"}


class ClusterPages:
    """Serves http://<PAGES_HOST>:8000/<anything>, by the API's image, since that has Bun."""

    def __init__(self, deployment: Deployment) -> None:
        self._client = deployment.client
        self._image = deployment.pods("api")[0]["spec"]["containers"][0]["image"]

    def __enter__(self) -> ClusterPages:
        self._apply({"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": _NAMESPACE}})
        container = {"name": "pages", "image": self._image, "command": ["bun", "-e", SERVER]}
        pod = {"containers": [container], "terminationGracePeriodSeconds": 0}
        self._apply({"apiVersion": "v1", "kind": "Pod", "metadata": self._metadata(), "spec": pod})
        service = {"selector": _LABELS, "ports": [{"port": 8000}]}
        self._apply({"apiVersion": "v1", "kind": "Service", "metadata": self._metadata(), "spec": service})
        eventually(self._running, 60)
        return self

    def __exit__(self, _type: type[BaseException] | None, _e: BaseException | None, _t: TracebackType | None) -> None:
        self._client.request("DELETE", self._client.path("v1", "Namespace", None, _NAMESPACE))

    def url(self, path: str) -> str:
        return f"http://{PAGES_HOST}:8000{path}"

    def _running(self) -> bool | None:
        pod = self._client.get("v1", "Pod", _NAMESPACE, "pages")
        return bool(pod and pod["status"].get("phase") == "Running") or None

    def _metadata(self) -> Json:
        return {"name": "pages", "namespace": _NAMESPACE, "labels": _LABELS}

    def _apply(self, wanted: Json) -> None:
        metadata = wanted["metadata"]
        path = self._client.path(wanted["apiVersion"], wanted["kind"], metadata.get("namespace"), metadata["name"])
        query = {"fieldManager": "bunops-tests", "force": "true"}
        self._client.request("PATCH", path, body=wanted, query=query, content_type=APPLY)
