# Copyright: (c) 2026, bunops contributors
# SPDX-License-Identifier: Apache-2.0
"""The catalog's objectives as rules of Prometheus: only those whose metrics there are."""

from __future__ import annotations

from typing import Any

from ..model.platform import Platform
from .alerts_burn import burn_rules
from .alerts_parts import Monitoring, Rule, answering
from .alerts_rules import kubernetes_rules, queue_rules, redis_rules, service_rules, upkeep_rules, watchdog

RuleGroups = dict[str, Any]


def alerts(platform: Platform, monitoring: Monitoring) -> RuleGroups:
    """The groups of rules, each alert with the page that says what to do."""
    groups = {
        "services": [*service_rules(platform, monitoring)],
        **{
            f"objectives-{name}": [*burn_rules(name, platform.services[name], monitoring)]
            for name in answering(platform)
        },
        "queues": [*queue_rules(platform, monitoring)],
        "redis": [*redis_rules(platform, monitoring)],
        "kubernetes": [*kubernetes_rules(monitoring)],
        "upkeep": [*upkeep_rules(platform, monitoring)],
        "watchdog": [watchdog()],
    }
    given = {name: [_complete(platform, monitoring, rule) for rule in rules] for name, rules in groups.items() if rules}
    return {"groups": [{"name": f"{platform.name}-{name}", "rules": rules} for name, rules in given.items()]}


def _complete(platform: Platform, monitoring: Monitoring, rule: Rule) -> Rule:
    if "alert" not in rule:
        return rule
    runbook = f"{monitoring.runbooks.rstrip('/')}/{rule['alert']}.md"
    annotations = {**rule["annotations"], "runbook_url": runbook}
    labels = {"platform": platform.name, **monitoring.matchers, **rule["labels"]}
    return {**rule, "labels": labels, "annotations": annotations}
