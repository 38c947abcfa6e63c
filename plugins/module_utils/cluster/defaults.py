# Copyright: (c) 2026, bunops contributors
# SPDX-License-Identifier: Apache-2.0
"""How the API server rewrites values that it is given: quantities in their shortest form, fields set by default. Pure.

Only Kubernetes' own kinds are rewritten like that; custom resources are kept as they come.
"""

from __future__ import annotations

import re
from typing import Any, Optional, Tuple

Path = Tuple[str, ...]

_GROUPS = ("", "apps", "batch", "autoscaling", "policy", "networking.k8s.io")

# Where quantities are: (field above the mapping, mapping) and (field above, field).
_QUANTITY_MAPS = (
    ("resources", "requests"),
    ("resources", "limits"),
    ("spec", "hard"),
    ("spec", "capacity"),
    ("overhead", "podFixed"),
    *(("limits", name) for name in ("max", "min", "default", "defaultRequest", "maxLimitRequestRatio")),
)
_QUANTITY_FIELDS = (
    ("emptyDir", "sizeLimit"),
    ("resourceFieldRef", "divisor"),
    ("target", "value"),
    ("target", "averageValue"),
)

# Defaults inside fields that are owned whole; elsewhere a default is simply not ours. By the end of the path.
_DEFAULTS = (
    (("ports", "protocol"), "TCP"),
    (("fieldRef", "apiVersion"), "v1"),
    (("resourceFieldRef", "divisor"), "0"),
    (("serviceAccountToken", "expirationSeconds"), 3600),
    (("volumeClaimTemplates", "apiVersion"), "v1"),
    (("volumeClaimTemplates", "kind"), "PersistentVolumeClaim"),
    (("volumeClaimTemplates", "status"), {"phase": "Pending"}),
    (("volumeClaimTemplates", "spec", "volumeMode"), "Filesystem"),
)

# Lists of pods and services whose items have keys: of an empty one nothing is stored or remembered.
_KEYED_LISTS = (
    "containers",
    "env",
    "ephemeralContainers",
    "hostAliases",
    "imagePullSecrets",
    "initContainers",
    "ports",
    "resourceClaims",
    "topologySpreadConstraints",
    "volumeDevices",
    "volumeMounts",
    "volumes",
)

_QUANTITY = re.compile(r"([+-]?)(\d+)(?:\.(\d*))?([KMGTPE]i|[numkMGTPE]?)")
_DECIMAL = ("n", "u", "m", "", "k", "M", "G", "T", "P", "E")
_BINARY = ("", "Ki", "Mi", "Gi", "Ti", "Pi", "Ei")


def defaulted(api_version: str, path: Path, name: str, value: Any) -> bool:
    """Whether the server sets a field to that value by itself; path: of the mapping in which it stands."""
    full = (*path, name)
    return is_kubernetes(api_version) and any(
        full[-len(end) :] == end and value == default for end, default in _DEFAULTS
    )


def same_quantity(api_version: str, path: Path, desired: Any, live: Any) -> bool:
    """Whether a field is a quantity and its live value what the server makes of the desired one."""
    is_quantity = path[-3:-1] in _QUANTITY_MAPS or path[-2:] in _QUANTITY_FIELDS
    return is_quantity and is_kubernetes(api_version) and isinstance(live, str) and canonical(desired) == live


def canonical(quantity: Any) -> Optional[str]:
    """A quantity as the server stores it: without fraction, with the largest suffix that allows that.

    None for what is no quantity or has no such form (exponents, parts of a nano, fractions of a byte).
    https://kubernetes.io/docs/reference/kubernetes-api/common-definitions/quantity/
    """
    match = _QUANTITY.fullmatch(str(quantity)) if not isinstance(quantity, bool) else None
    if match is None:
        return None
    sign, whole, fraction, suffix = match.group(1), match.group(2), match.group(3) or "", match.group(4)
    digits, scale = int(whole + fraction), len(fraction)
    if suffix in _BINARY[1:]:
        size, rest = divmod(digits * 1024 ** _BINARY.index(suffix), 10**scale)
        if rest:
            return None
        # Below one Ki the server writes the decimal form.
        text = _shortest(size, 1024, _BINARY, 0) if size >= 1024 else _shortest(size, 1000, _DECIMAL, 3)
    else:
        nano, rest = divmod(digits * 1000 ** _DECIMAL.index(suffix), 10**scale)
        if rest:
            return None
        text = _shortest(nano, 1000, _DECIMAL, 0)
    return f"-{text}" if sign == "-" and text != "0" else text


def _shortest(number: int, base: int, suffixes: Tuple[str, ...], index: int) -> str:
    if number == 0:
        return "0"
    while number % base == 0 and index < len(suffixes) - 1:
        number, index = number // base, index + 1
    return f"{number}{suffixes[index]}"


def has_keyed_items(api_version: str, name: str) -> bool:
    """Whether a field of that name is a list of Kubernetes' own kinds whose items have keys."""
    return name in _KEYED_LISTS and is_kubernetes(api_version)


def is_kubernetes(api_version: str) -> bool:
    """Whether a kind is one of Kubernetes' own whose rewriting is known here."""
    return api_version.rpartition("/")[0] in _GROUPS
