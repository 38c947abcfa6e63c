# Copyright: (c) 2026, bunops contributors
# SPDX-License-Identifier: Apache-2.0
"""Secrets stay out of the environment and of images, and fit what they protect."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping

from ....module_utils.secrets.derived import backup_of, observer_of
from ..draft import Draft
from ..errors import Path, Problem
from ..images import BuiltImage, Image
from ..injection import Variable, service_variables, task_variables, tasks_namespace_of
from ..secrets import GeneratedSecret, Secret, SignedToken
from ..stores import LocalStore, auth_secret

_SECRET_NAME = re.compile(
    r"(?:^|_)(?:PASSWORD|PASSWD|PASSPHRASE|SECRET|TOKEN|CREDENTIALS?"
    r"|(?:API|SECRET|PRIVATE|ACCESS|SIGNING|ENCRYPTION)_?KEY)$",
    re.IGNORECASE,
)
_CREDENTIALS_IN_URL = re.compile(r"://[^\s/@]*:[^\s/@]+@")
_OTHER_USERS = ((observer_of, "measures the queues of"), (backup_of, "backs up"))
_PRIVATE_KEY = re.compile(r"-----BEGIN [A-Z ]*PRIVATE KEY-----")


def values_are_no_secrets(draft: Draft) -> Iterator[Problem]:
    platform = draft.platform
    for name, service in platform.services.items():
        yield from _look_through(("services", name, "env"), service.env)
        yield from _look_through_args(("services", name), service.image)
    for name, task in platform.tasks.items():
        yield from _look_through(("tasks", name, "env"), task.env)
        yield from _look_through_args(("tasks", name), task.image)
    for name, store in platform.stores.items():
        if isinstance(store, LocalStore):
            yield from _look_through_args(("stores", name), store.image)


def variables_are_not_the_platforms(draft: Draft) -> Iterator[Problem]:
    platform = draft.platform
    for name, service in platform.services.items():
        under_compose = service_variables(platform, name)
        on_kubernetes = service_variables(platform, name, tasks_namespace_of(platform.name))
        given = {**under_compose, **on_kubernetes}
        yield from _clashes(("services", name, "env"), service.env, given)
    for name, task in platform.tasks.items():
        yield from _clashes(("tasks", name, "env"), task.env, task_variables(platform, name))


def store_secrets_fit(draft: Draft) -> Iterator[Problem]:
    """The stores that run here get a password or public key made from the secret."""
    for name, store in draft.platform.stores.items():
        secret_name = auth_secret(name, store.kind)
        secret = draft.platform.secrets.get(secret_name)
        if secret is None or not isinstance(store, LocalStore):
            continue
        for text in _misfits(name, store, secret):
            yield Problem(("secrets", secret_name), text, needs=(("stores", name, "kind"),))


def other_users_have_passwords(draft: Draft) -> Iterator[Problem]:
    """Who measures queues and who takes backups logs in with what the store was told of."""
    for name, store in draft.platform.stores.items():
        for secret_of, task in _OTHER_USERS:
            secret_name = secret_of(auth_secret(name, store.kind))
            secret = draft.platform.secrets.get(secret_name)
            if secret is None or store.kind != "redis":
                continue
            at, needs = ("secrets", secret_name), (("stores", name, "kind"),)
            if isinstance(secret, GeneratedSecret) and isinstance(secret.generate, SignedToken):
                text = f"is for who {task} {name}, which needs a password: {{generate: {{length: 32}}}}"
                yield Problem(at, text, needs)
            if secret.optional:
                yield Problem(at, f"is for who {task} {name}, so it cannot be optional", needs)


def _misfits(name: str, store: LocalStore, secret: Secret) -> Iterator[str]:
    signed = isinstance(secret, GeneratedSecret) and isinstance(secret.generate, SignedToken)
    if store.kind == "libsql" and not signed:
        yield f"protects the store {name}, which needs a key pair: {{generate: {{jwt: ed25519}}}}"
    if store.kind == "redis" and signed:
        yield f"protects the store {name}, which needs a password: {{generate: {{length: 32}}}}"
    if secret.optional:
        yield f"protects the store {name}, so it cannot be optional"


def _look_through(at: Path, values: Mapping[str, str]) -> Iterator[Problem]:
    for key, value in values.items():
        if _SECRET_NAME.search(key):
            reason = "looks like a secret"
        elif _CREDENTIALS_IN_URL.search(value):
            reason = "is a URL with a password in it"
        elif _PRIVATE_KEY.search(value):
            reason = "is a private key"
        else:
            continue
        yield Problem((*at, key), f"{reason}; declare it under platform.secrets and list it in secrets")


def _look_through_args(at: Path, image: Image | None) -> Iterator[Problem]:
    if isinstance(image, BuiltImage):
        for key in image.args:
            if _SECRET_NAME.search(key):
                text = "looks like a secret, and build arguments can be read from the image"
                yield Problem((*at, "image", "args", key), text)


def _clashes(at: Path, own: Mapping[str, str], given: Mapping[str, Variable]) -> Iterator[Problem]:
    for key in own:
        if key in given:
            text = f"is set by the platform ({given[key].source}); choose another name"
            yield Problem((*at, key), text)


CHECKS = (values_are_no_secrets, variables_are_not_the_platforms, store_secrets_fit, other_users_have_passwords)
