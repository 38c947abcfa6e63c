# Copyright: (c) 2026, bunops contributors
# SPDX-License-Identifier: Apache-2.0
"""What secrets are made of: templates that other secrets stand in, rules for values, and what does not go together."""

from __future__ import annotations

from collections.abc import Iterator

from ....module_utils.secrets import template as templates
from ....module_utils.secrets import validate
from ..draft import Draft
from ..errors import Problem
from ..secrets import GeneratedSecret, SignedToken, TemplateSecret
from .circles import circles


def templates_refer_to_secrets(draft: Draft) -> Iterator[Problem]:
    for name, text in _templates(draft).items():
        has_source = not isinstance(draft.platform.secrets[name], TemplateSecret)
        # A secret of that name could not be told from the own value.
        known = {*(draft.names("secrets") - {templates.OWN}), *([templates.OWN] if has_source else [])}
        for problem in templates.problems(text, known):
            yield Problem(("secrets", name, "template"), problem)


def no_template_needs_itself(draft: Draft) -> Iterator[Problem]:
    made = _templates(draft)
    names = made.keys() - {templates.OWN}
    graph = {name: sorted(templates.references(text) & names) for name, text in made.items()}
    for circle in circles(graph):
        text = f"{' → '.join(circle)} is a circle: each would need the next one's value"
        yield Problem(("secrets", circle[0], "template"), text)


def rules_can_be_read(draft: Draft) -> Iterator[Problem]:
    for name, secret in draft.platform.secrets.items():
        for problem in validate.rules_problems(secret.rules.model_dump() if secret.rules else {}):
            yield Problem(("secrets", name), problem)


def signed_tokens_have_no_grace(draft: Draft) -> Iterator[Problem]:
    for name, secret in draft.platform.secrets.items():
        signed = isinstance(secret, GeneratedSecret) and isinstance(secret.generate, SignedToken)
        if signed and secret.grace == "both":
            yield Problem(
                ("secrets", name, "grace"), "does not go with jwt: a new public key does not prove the former token"
            )


def _templates(draft: Draft) -> dict[str, str]:
    """Those that are there, by secret."""
    found = {name: getattr(secret, "template", None) for name, secret in draft.platform.secrets.items()}
    return {name: text for name, text in found.items() if text is not None}


CHECKS = (templates_refer_to_secrets, no_template_needs_itself, rules_can_be_read, signed_tokens_have_no_grace)
