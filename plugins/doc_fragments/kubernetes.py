# Copyright: (c) 2026, bunops contributors
# SPDX-License-Identifier: Apache-2.0
"""Documentation shared by the modules that talk to a Kubernetes API server."""

from __future__ import annotations


class ModuleDocFragment:
    DOCUMENTATION = r"""
options:
  kubeconfig:
    description:
      - Path of a kubeconfig, or its content as a dictionary.
      - Without it, the files in the environment variable E(KUBECONFIG) are used, else C(~/.kube/config), else the
        service account of the pod in which the module runs. With O(host) none is needed.
      - Client certificates, tokens, token files and credential plugins (C(exec)) are supported.
    type: raw
  context:
    description:
      - Context of the kubeconfig, by default its current one.
    type: str
  host:
    description:
      - URL of the API server, for example V(https://192.0.2.10:6443); wins over the kubeconfig's.
    type: str
  api_key:
    description:
      - Bearer token; wins over the kubeconfig's credentials.
    type: str
  ca_cert:
    description:
      - Path of the certificates (PEM) by which the API server is trusted.
    type: path
  client_cert:
    description:
      - Path of a client certificate (PEM).
    type: path
  client_key:
    description:
      - Path of the key of O(client_cert), unless the certificate's file holds it.
    type: path
  validate_certs:
    description:
      - Whether the API server's certificate is checked. By default the kubeconfig says so, else it is.
    type: bool
  proxy:
    description:
      - URL of an HTTP proxy that can CONNECT, for example V(http://proxy.example:3128).
      - By default the kubeconfig's C(proxy-url), else E(HTTPS_PROXY) with the exceptions in E(NO_PROXY).
    type: str
requirements:
  - Python library C(PyYAML), unless O(kubeconfig) is a dictionary or not needed
  - Kubernetes 1.27 or newer
"""
