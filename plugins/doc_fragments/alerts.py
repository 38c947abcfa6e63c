# Copyright: (c) 2026, bunops contributors
# SPDX-License-Identifier: Apache-2.0
"""Documentation shared by the filters that say what is watched."""

from __future__ import annotations


class ModuleDocFragment:
    DOCUMENTATION = r"""
options:
  runbooks:
    description: URL of the folder with a page per alert, as C(docs/runbooks) of this collection has them.
    type: str
    required: true
  sources:
    description:
      - What else tells metrics to the same Prometheus. Alerts that watch what none of them tells are left out, which
        P(bunops.platform.alerts_notes#filter) says.
    type: list
    elements: str
    choices: [backups, cert_manager, edge, external_secrets, kube_state_metrics]
    default: []
  namespace:
    description: Namespace of the platform on Kubernetes. Without it, its name.
    type: str
"""
