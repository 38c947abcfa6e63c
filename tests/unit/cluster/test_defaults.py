# Copyright: (c) 2026, bunops contributors
# SPDX-License-Identifier: Apache-2.0
"""How the API server writes quantities."""

from __future__ import annotations

from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ansible_collections.bunops.platform.plugins.module_utils.cluster.defaults import canonical, same_quantity

SIZES = {"": Fraction(1), "n": Fraction(1, 10**9), "u": Fraction(1, 10**6), "m": Fraction(1, 1000)}
SIZES.update({suffix: Fraction(1000) ** (index + 1) for index, suffix in enumerate("kMGTPE")})
SIZES.update({f"{suffix}i": Fraction(1024) ** (index + 1) for index, suffix in enumerate("KMGTPE")})


# As Kubernetes 1.37 answered them in a Deployment's resources.
@pytest.mark.parametrize(
    ("given_as", "stored_as"),
    [
        (1, "1"),
        ("1", "1"),
        (0.5, "500m"),
        ("0.5", "500m"),
        ("1000m", "1"),
        ("1500m", "1500m"),
        ("1.50", "1500m"),
        ("1000", "1k"),
        ("0", "0"),
        ("0Mi", "0"),
        ("1024Mi", "1Gi"),
        ("1.5Gi", "1536Mi"),
        ("1025Mi", "1025Mi"),
        ("512", "512"),
        ("0.5Ki", "512"),
        ("1000Ki", "1000Ki"),
        ("100M", "100M"),
        ("-1000m", "-1"),
        ("+5", "5"),
        ("1e3", None),
        ("1.5n", None),
        ("0.3Ki", None),
        ("abc", None),
        ("", None),
        (True, None),
        (None, None),
    ],
)
def test_canonical(given_as: object, stored_as: str | None) -> None:
    assert canonical(given_as) == stored_as


@given(st.integers(0, 10**6), st.integers(0, 999), st.sampled_from(sorted(SIZES)))
def test_canonical_is_the_same_number(whole: int, part: int, suffix: str) -> None:
    text = f"{whole}.{part:03}{suffix}"
    stored = canonical(text)
    if stored is not None:
        assert _value(stored) == _value(text)
        assert canonical(stored) == stored


def _value(quantity: str) -> Fraction:
    number = quantity.rstrip("numkKMGTPEi")
    return Fraction(number) * SIZES[quantity[len(number) :]]


RESOURCES = ("spec", "containers", "[main]", "resources", "limits", "cpu")


def test_only_quantities_of_kubernetes_itself() -> None:
    assert same_quantity("apps/v1", RESOURCES, "1000m", "1")
    assert not same_quantity("apps/v1", RESOURCES, "1000m", "2")
    assert not same_quantity("example.com/v1", RESOURCES, "1000m", "1")
    assert not same_quantity("v1", ("data", "limits"), "1000m", "1")
