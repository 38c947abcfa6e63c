# Copyright: (c) 2026, bunops contributors
# SPDX-License-Identifier: Apache-2.0
"""Every alert of the reference platform in the real promtool: it fires, and stays silent, when it shall."""

from __future__ import annotations

import re
import subprocess
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import yaml

from ansible_collections.bunops.platform.plugins.plugin_utils.model.platform import Platform
from ansible_collections.bunops.platform.plugins.plugin_utils.renderers.alerts import alerts
from ansible_collections.bunops.platform.plugins.plugin_utils.renderers.alerts_parts import SOURCES, Monitoring
from ansible_collections.bunops.platform.plugins.plugin_utils.renderers.dashboard import dashboard
from ansible_collections.bunops.platform.plugins.plugin_utils.renderers.monitoring import monitoring_files

HERE = Path(__file__).parent
ROOT = HERE.parents[2]
RUNBOOKS = "https://runbooks.example.com"
CASES: dict[str, dict[str, dict[str, Any]]] = yaml.safe_load((HERE / "cases.yml").read_text())
# Those in which the alert fires; in all others it is silent.
FIRING = ("fires", "hangs", "served", "prioritized", "delayed")


def reference() -> Platform:
    text = (ROOT / "inventories/local/group_vars/all/platform.yml").read_text()
    return Platform.parse(yaml.safe_load(text)["platform"])


def rules(matchers: Mapping[str, str] | None = None) -> dict[str, Any]:
    return alerts(reference(), Monitoring(RUNBOOKS, frozenset(SOURCES), "atlas", matchers or {}))


def promtool(image: str, folder: Path, *arguments: str) -> str:
    """What it prints. folder: where its files are, as user 1000 sees them."""
    folder.chmod(0o755)
    mount = f"type=bind,source={folder},target=/rules,readonly"
    argv = ["docker", "run", "--rm", "--network=none", "--read-only", "--cap-drop=ALL", f"--mount={mount}"]
    argv += ["--tmpfs=/tmp", "--entrypoint=promtool", "--workdir=/rules", image, *arguments]
    done = subprocess.run(argv, capture_output=True, text=True, timeout=120, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


def test_every_alert_has_a_case_in_which_it_fires_and_one_in_which_it_is_silent() -> None:
    names = {rule["alert"] for group in rules()["groups"] for rule in group["rules"] if "alert" in rule}
    assert set(CASES) == names
    # The watchdog is never silent.
    lacking = [name for name, cases in CASES.items() if not {"fires", "silent"} <= set(cases) and name != "Watchdog"]
    assert lacking == []


def test_they_fire_and_stay_silent(images: dict[str, str], tmp_path: Path) -> None:
    tests = [_test(name, kind, case) for name, cases in CASES.items() for kind, case in cases.items()]
    (tmp_path / "rules.yml").write_text(yaml.safe_dump(rules()))
    # promtool looks at all rules at each step from the beginning on: over a day that takes long steps.
    long = [test for test in tests if _at(test).endswith("h")]
    short = [test for test in tests if test not in long]
    for file, step, those in (("long.yml", "30m", long), ("short.yml", "1m", short)):
        document = {"rule_files": ["rules.yml"], "evaluation_interval": step, "tests": those}
        (tmp_path / file).write_text(yaml.safe_dump(document))
    assert promtool(images["prometheus"], tmp_path, "test", "rules", "long.yml", "short.yml").count("SUCCESS") == 2


def test_those_of_one_platform_among_others(images: dict[str, str], tmp_path: Path) -> None:
    """The same series fire where they are the platform's, and do not where they are another one's."""
    (tmp_path / "rules.yml").write_text(yaml.safe_dump(rules({"namespace": "atlas"})))
    cases = {name: case for name, case in CASES.items() if not _at_of(case["fires"]).endswith("h")}
    tests = [_test(name, "fires", _within("atlas", case["fires"])) for name, case in cases.items()]
    strange = [name for name in cases if name not in ("Watchdog", "BackupTooOld")]
    tests += [_test(name, "silent", _within("other", cases[name]["fires"])) for name in strange]
    document = {"rule_files": ["rules.yml"], "evaluation_interval": "1m", "tests": tests}
    (tmp_path / "tests.yml").write_text(yaml.safe_dump(document))
    assert "SUCCESS" in promtool(images["prometheus"], tmp_path, "test", "rules", "tests.yml")


def test_prometheus_understands_every_query_of_the_dashboard(images: dict[str, str], tmp_path: Path) -> None:
    shown = dashboard(reference(), Monitoring(RUNBOOKS, matchers={"namespace": "atlas"}))
    queries = [target["expr"] for panel in shown["panels"] for target in panel.get("targets", [])]
    assert len(queries) > 20
    # Grafana's own variable, in its stead what it would be.
    asked = [{"record": f"q{at}", "expr": query.replace("$__rate_interval", "1m")} for at, query in enumerate(queries)]
    (tmp_path / "queries.yml").write_text(yaml.safe_dump({"groups": [{"name": "dashboard", "rules": asked}]}))
    assert f"SUCCESS: {len(queries)} rules" in promtool(images["prometheus"], tmp_path, "check", "rules", "queries.yml")


def test_an_alert_names_its_cause_and_its_page(images: dict[str, str], tmp_path: Path) -> None:
    (tmp_path / "rules.yml").write_text(yaml.safe_dump(rules()))
    expected = {
        "exp_labels": {
            "platform": "atlas",
            "severity": "page",
            "service": "worker",
            "store": "redis",
            "queue": "fetch",
        },
        "exp_annotations": {
            "summary": "worker ends no job of the queue fetch",
            "description": "3 jobs are there to be done, and for 600 s none has ended.",
            "runbook_url": f"{RUNBOOKS}/QueueDoesNotMove.md",
        },
    }
    test = {
        "interval": "1m",
        "input_series": [{"series": 'queue_demand{store="redis",queue="fetch"}', "values": "3x30"}],
        "alert_rule_test": [{"eval_time": "12m", "alertname": "QueueDoesNotMove", "exp_alerts": [expected]}],
    }
    document = {"rule_files": ["rules.yml"], "evaluation_interval": "15s", "tests": [test]}
    (tmp_path / "tests.yml").write_text(yaml.safe_dump(document))
    assert "SUCCESS" in promtool(images["prometheus"], tmp_path, "test", "rules", "tests.yml")


def test_prometheus_takes_the_files_of_the_platform(images: dict[str, str], tmp_path: Path) -> None:
    files = monitoring_files(reference(), Monitoring(RUNBOOKS))
    files["prometheus.yml"]["rule_files"] = ["rules.yml"]
    for name in ("prometheus.yml", "rules.yml"):
        (tmp_path / name).write_text(yaml.safe_dump(files[name]))
    assert "SUCCESS" in promtool(images["prometheus"], tmp_path, "check", "config", "prometheus.yml")


def _at_of(case: dict[str, Any]) -> str:
    return str(case["at"])


def _within(namespace: str, case: dict[str, Any]) -> dict[str, Any]:
    """The same with series of a namespace."""
    series = {}
    for name, values in case["series"].items():
        bare = re.sub(r'namespace="[^"]*",?', "", name)
        series[bare.replace("{", f'{{namespace="{namespace}",').replace(",}", "}")] = values
    return {**case, "series": series}


def _at(test: dict[str, Any]) -> str:
    return str(test["promql_expr_test"][0]["eval_time"])


def _test(name: str, kind: str, case: dict[str, Any]) -> dict[str, Any]:
    firing = f'count(ALERTS{{alertname="{name}",alertstate="firing"}}) or vector(0)'
    samples = [{"labels": "{}", "value": 1 if kind in FIRING else 0}]
    return {
        "name": f"{name} {kind}",
        "interval": "1m",
        "input_series": [{"series": series, "values": values} for series, values in case["series"].items()],
        "promql_expr_test": [{"expr": firing, "eval_time": case["at"], "exp_samples": samples}],
    }
