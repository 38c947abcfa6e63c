# Copyright: (c) 2026, bunops contributors
# SPDX-License-Identifier: Apache-2.0
"""What other tests rely on: pods, names, volumes, images and admission as on any cluster."""

from __future__ import annotations

import http.server
import json
import threading
import time
import urllib.request
from pathlib import Path
from typing import Any

from ansible_collections.bunops.platform.tests.cluster import Cluster
from ansible_collections.bunops.platform.tests.integration.cluster.kubectl import Kubectl, Namespace, job, pod

SERVE = ["sh", "-c", "echo hello > /data/index.html; exec httpd -f -p 8080 -h /data"]
READY = {"httpGet": {"path": "/", "port": 8080}, "periodSeconds": 1}
DATA = {"name": "data", "mountPath": "/data"}


def serving(image: str) -> dict[str, Any]:
    """A pod that serves a page from a volume in memory."""
    item = pod("web", image, *SERVE, readinessProbe=READY, volumeMounts=[DATA])
    item["spec"]["volumes"] = [{"name": "data", "emptyDir": {"medium": "Memory"}}]
    return item


def service(name: str, **spec: Any) -> dict[str, Any]:
    ports = [{"port": 80, "targetPort": 8080}]
    spec = {"selector": {"app": "web"}, "ports": ports, **spec}
    return {"apiVersion": "v1", "kind": "Service", "metadata": {"name": name}, "spec": spec}


def test_a_pod_answers_through_its_services(namespace: Namespace, image: str) -> None:
    namespace.apply(service("web"), service("direct", clusterIP="None"), serving(image))
    namespace.wait("pod", "web", "condition=Ready")
    # A name is known a moment after its pod is ready.
    asks = "for url in $0 $1; do until wget -qO- $url 2>/dev/null; do sleep 1; done; done"
    urls = ("http://web/", f"http://direct.{namespace.name}.svc.cluster.local:8080/")
    namespace.apply(job("asks", image, "sh", "-c", asks, *urls))
    assert namespace.finished("asks") == "hello\nhello\n"
    address = namespace.run("get", "service", "web", "--output=jsonpath={.spec.clusterIP}")
    with urllib.request.urlopen(f"http://{address}/", timeout=5) as answer:
        assert answer.read() == b"hello\n"


def test_logs_and_exec(namespace: Namespace, image: str) -> None:
    namespace.apply(pod("says", image, "sh", "-c", "echo started; exec sleep 60"))
    namespace.wait("pod", "says", "condition=Ready")
    assert namespace.run("logs", "says") == "started\n"
    assert namespace.run("exec", "says", "--", "cat", "/etc/passwd").startswith("app:x:1000:")


def claim(name: str) -> dict[str, Any]:
    spec = {"accessModes": ["ReadWriteOnce"], "resources": {"requests": {"storage": "1Mi"}}}
    return {"apiVersion": "v1", "kind": "PersistentVolumeClaim", "metadata": {"name": name}, "spec": spec}


def with_claim(item: dict[str, Any]) -> dict[str, Any]:
    item["spec"]["template"]["spec"]["volumes"] = [{"name": "data", "persistentVolumeClaim": {"claimName": "data"}}]
    return item


def test_a_volume_keeps_what_user_1000_writes(own: Cluster, namespace: Namespace, image: str) -> None:
    writes = with_claim(job("writes", image, "sh", "-c", "echo kept > /data/file", volumeMounts=[DATA]))
    reads = with_claim(job("reads", image, "cat", "/data/file", volumeMounts=[DATA]))
    namespace.apply(claim("data"), writes)
    assert namespace.finished("writes") == ""
    namespace.apply(reads)
    assert namespace.finished("reads") == "kept\n"
    volume = namespace.run("get", "pvc", "data", "--output=jsonpath={.spec.volumeName}")
    folder = own.kubeconfig.parent / "volumes" / volume
    assert (folder / "file").stat().st_uid == 1000
    namespace.run("delete", "job", "writes", "reads")
    namespace.run("delete", "pvc", "data")
    end = time.monotonic() + 30
    while folder.exists():
        assert time.monotonic() < end, f"{folder} was not removed with its claim"
        time.sleep(0.2)


def test_a_volume_is_closed_to_user_1000_without_fs_group(namespace: Namespace, image: str) -> None:
    """As with most real disks: tests would otherwise not notice a forgotten fsGroup."""
    writes = with_claim(job("writes", image, "sh", "-c", "echo kept > /data/file", volumeMounts=[DATA]))
    del writes["spec"]["template"]["spec"]["securityContext"]["fsGroup"]
    namespace.apply(claim("data"), writes)
    assert "Permission denied" in namespace.finished("writes")


def test_an_image_of_another_digest_is_not_found(namespace: Namespace, image: str) -> None:
    """So the passing tests did pull by digest from the registry."""
    namespace.apply(pod("lost", image.partition("@")[0] + "@sha256:" + "0" * 64, "sleep", "1"))
    waiting = ".status.containerStatuses[0].state.waiting"
    namespace.wait("pod", "lost", f"jsonpath={{{waiting}.reason}}=ErrImagePull")
    assert "not found" in namespace.run("get", "pod", "lost", f"--output=jsonpath={{{waiting}.message}}")


def test_restricted_namespaces_refuse_root(namespace: Namespace, image: str) -> None:
    item = pod("root", image, "sleep", "1")
    item["spec"]["securityContext"]["runAsUser"] = 0
    item["metadata"]["namespace"] = namespace.name
    refused = namespace.kubectl.attempt("apply", "--filename=-", given=json.dumps(item))
    assert refused.returncode != 0
    assert 'violates PodSecurity "restricted:latest"' in refused.stderr
    assert "runAsUser=0" in refused.stderr


def test_a_seccomp_profile_of_the_node(own: Cluster, namespace: Namespace, image: str) -> None:
    refusal = {"names": ["mkdir", "mkdirat"], "action": "SCMP_ACT_ERRNO"}
    profile = {"defaultAction": "SCMP_ACT_ALLOW", "syscalls": [refusal]}
    (own.kubelet_dir / "seccomp/no-mkdir.json").write_text(json.dumps(profile))
    item = job("makes", image, "mkdir", "/tmp/folder")
    localhost = {"type": "Localhost", "localhostProfile": "no-mkdir.json"}
    item["spec"]["template"]["spec"]["securityContext"]["seccompProfile"] = localhost
    namespace.apply(item)
    assert "Operation not permitted" in namespace.finished("makes")


def test_a_cron_job_as_a_template(namespace: Namespace, image: str) -> None:
    template = job("x", image, "echo", "done")["spec"]
    spec = {"schedule": "0 0 1 1 *", "suspend": True, "timeZone": "Europe/Berlin", "jobTemplate": {"spec": template}}
    namespace.apply({"apiVersion": "batch/v1", "kind": "CronJob", "metadata": {"name": "cron"}, "spec": spec})
    namespace.run("create", "job", "once", "--from=cronjob/cron")
    assert namespace.finished("once") == "done\n"


class _Page(http.server.BaseHTTPRequestHandler):
    def log_message(self, format: str, *args: Any) -> None:
        """Say nothing."""

    def do_GET(self) -> None:
        self.send_response(200)
        self.end_headers()
        self.wfile.write(b"from the machine\n")


def test_pods_reach_this_machine(own: Cluster, namespace: Namespace, image: str) -> None:
    with http.server.ThreadingHTTPServer((own.host_address, 0), _Page) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        # This wget takes names only.
        item = job("asks", image, "wget", "-qO-", f"http://machine.test:{server.server_address[1]}/")
        item["spec"]["template"]["spec"]["hostAliases"] = [{"ip": own.host_address, "hostnames": ["machine.test"]}]
        namespace.apply(item)
        assert namespace.finished("asks") == "from the machine\n"
        server.shutdown()


def test_aggregated_apis_find_what_they_trust(own: Cluster) -> None:
    """https://kubernetes.io/docs/tasks/extend-kubernetes/configure-aggregation-layer/."""
    name = ["configmap", "extension-apiserver-authentication", "--namespace=kube-system"]
    data = json.loads(Kubectl(own).run("get", *name, "--output=json"))["data"]
    assert data["requestheader-client-ca-file"].startswith("-----BEGIN CERTIFICATE-----")
    assert json.loads(data["requestheader-allowed-names"]) == ["front-proxy-client"]


def test_the_audit_log_names_requests(own: Cluster) -> None:
    Kubectl(own).run("get", "configmaps", "--all-namespaces", "--selector=asked=once")
    lines = [json.loads(line) for line in Path(own.audit_log).read_text().splitlines()]
    asked = [line for line in lines if "asked%3Donce" in line["requestURI"]]
    assert [(line["verb"], line["user"]["username"]) for line in asked] == [("list", "bunops-admin")]
