# Copyright: (c) 2026, bunops contributors
# SPDX-License-Identifier: Apache-2.0
"""What is masked, and what is not."""

from __future__ import annotations

import pytest

from ansible_collections.bunops.platform.plugins.module_utils.secrecy import (
    is_secret_name,
    mask_text,
    secret_values,
)


@pytest.mark.parametrize(
    "name",
    [
        "DB_PASSWORD",
        "PGPASSWORD",
        "API_TOKEN",
        "CLERK_SECRET_KEY",
        "OPENAI_API_KEY",
        "APIKEY",
        "SENTRY_DSN",
        "AWS_CREDENTIALS",
        "REDIS_PASS",
        "BASIC_AUTH",
        "SIGNING_KEYS",
        "db_password",
    ],
)
def test_secret_names(name: str) -> None:
    assert is_secret_name(name)


@pytest.mark.parametrize(
    "name",
    ["LOG_LEVEL", "DB_PASSWORD_FILE", "KEYBOARD", "MONKEY", "PORT", "REDIS_URL", "AUTHOR", "COMPASS", "KEYSTONE_URL"],
)
def test_other_names(name: str) -> None:
    assert not is_secret_name(name)


@pytest.mark.parametrize(
    ("text", "masked"),
    [
        ("redis://app:s3cret@redis:6379", "redis://********@redis:6379"),
        ("password=letmein next", "password=******** next"),
        ('{"apiKey": "abc", "b": 1}', '{"apiKey": ********, "b": 1}'),
        ("DB_PASSWORD: 'two words' x", "DB_PASSWORD: ******** x"),
        ("Authorization: Bearer abcdefgh1234", "Authorization: Bearer ********"),
        ("known-value here", "******** here"),
        ("token expired", "token expired"),
        ("http://host/path?x=1", "http://host/path?x=1"),
    ],
)
def test_texts(text: str, masked: str) -> None:
    assert mask_text(text, ["known-value"]) == masked


def test_values_of_a_container() -> None:
    environment = ["A=1", "API_TOKEN=abcdef", "PIN_TOKEN=12", "URL=redis://u:pass@h", "EMPTY_KEY="]
    assert secret_values(environment) == ["abcdef", "pass"]
