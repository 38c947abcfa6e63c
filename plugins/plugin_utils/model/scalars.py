# Copyright: (c) 2026, bunops contributors
# SPDX-License-Identifier: Apache-2.0
"""Names, ports, paths, addresses: strings and numbers with a meaning, parsed strictly."""

from __future__ import annotations

import ipaddress
import posixpath
import re
from collections.abc import Callable
from typing import Annotated
from urllib.parse import urlsplit

from .entry import Refused, Scalar
from .yaml_words import number_hint, refusal, string_hint

_NAME = re.compile(r"[a-z]([a-z0-9-]{0,38}[a-z0-9])?")
_ENV_NAME = re.compile(r"[A-Za-z_][A-Za-z0-9_]*")
_VARIABLE = "a variable name (letters, digits and _, first no digit)"
_HTTP_PATH = re.compile(r"/[A-Za-z0-9._~!$&'()*+,;=:@%/-]*")
_HOST = re.compile(
    r"(?=.{1,253}$)[A-Za-z0-9]([A-Za-z0-9-]{0,61}[A-Za-z0-9])?"
    r"(\.[A-Za-z0-9]([A-Za-z0-9-]{0,61}[A-Za-z0-9])?)*"
)
_PATH = re.compile(r"[^\x00-\x1f\x7f\\]+")
_OBJECT_NAME = re.compile(r"[a-z0-9]([a-z0-9.-]{0,251}[a-z0-9])?")
# A token of RFC 9110, 5.6.2.
_HEADER_NAME = re.compile(r"[A-Za-z0-9!#$%&'*+.^_`|~-]{1,128}")
# What proxies write about the client; whoever connects can write it too.
_ADDRESS_HEADERS = {"forwarded", "x-forwarded-for", "x-real-ip", "x-envoy-external-address"}
_WORD = re.compile(r"[A-Za-z0-9_][A-Za-z0-9_.:-]{0,127}")

# The grammar of https://pkg.go.dev/github.com/distribution/reference.
_COMPONENT = r"[a-z0-9]+(?:(?:\.|_|__|-+)[a-z0-9]+)*"
_DOMAIN = r"(?:[A-Za-z0-9]|[A-Za-z0-9][A-Za-z0-9-]*[A-Za-z0-9])"
_REPOSITORY = rf"(?:{_DOMAIN}(?:\.{_DOMAIN})*(?::[0-9]+)?/)?{_COMPONENT}(?:/{_COMPONENT})*"
_IMAGE = re.compile(
    rf"{_REPOSITORY}(?::[A-Za-z0-9_][A-Za-z0-9_.-]{{0,127}})?"
    r"(?:@[a-z][a-z0-9]*(?:[+._-][a-z0-9]+)*:[0-9a-f]{32,})?"
)


def parse_text(value: object) -> str:
    """Any string. The value is never shown: it may be one that should have been a secret."""
    if not isinstance(value, str):
        raise Refused(refusal(value, "a string", string_hint(value), show=False))
    if "\0" in value:
        raise Refused("a string cannot hold a NUL character")
    return value


def parse_name(value: object) -> str:
    """A DNS label (RFC 1035) of at most 40 characters, which leaves room for prefixes."""
    expected = "a name (lower-case letters, digits and -, first a letter, at most 40 characters)"
    if isinstance(value, str) and _NAME.fullmatch(value):
        return value
    hint = string_hint(value) if isinstance(value, bool) else ""
    if isinstance(value, str):
        better = re.sub(r"[^a-z0-9]+", "-", value.lower()).strip("-")
        hint = f"did you mean {better}?" if _NAME.fullmatch(better) else ""
    raise Refused(refusal(value, expected, hint))


def parse_host(value: object) -> str:
    """A host name or an IP address, without port or scheme."""
    if isinstance(value, str):
        if _HOST.fullmatch(value):
            return value
        try:
            return str(ipaddress.ip_address(value))
        except ValueError:
            pass
    raise Refused(refusal(value, "a host name such as example.com", string_hint(value)))


def parse_header_name(value: object) -> str:
    """The name of an HTTP header that does not claim to be the client's address."""
    if not isinstance(value, str) or not _HEADER_NAME.fullmatch(value):
        raise Refused(refusal(value, "the name of a header such as X-Api-Key", string_hint(value)))
    if value.lower() in _ADDRESS_HEADERS:
        raise Refused(f"{value} is what any client may claim; use client_address")
    return value


def parse_ip_range(value: object) -> str:
    """A range of IP addresses, or one address, that is not everybody's."""
    expected = "a range of addresses such as 10.0.0.0/24"
    if not isinstance(value, str):
        raise Refused(refusal(value, expected))
    try:
        network = ipaddress.ip_network(value)
    except ValueError:
        raise Refused(refusal(value, expected, _range_hint(value))) from None
    if network.prefixlen == 0:
        raise Refused(f"{value} is every address; expected the addresses of the proxies alone")
    return str(network)


def _range_hint(value: str) -> str:
    """10.0.0.7/24 names a host and a range at once."""
    try:
        return f"did you mean {ipaddress.ip_network(value, strict=False)}?"
    except ValueError:
        return ""


def parse_http_path(value: object) -> str:
    """An absolute path of an HTTP request, without query and without `..`."""
    if isinstance(value, str) and _HTTP_PATH.fullmatch(value):
        parts = value.split("/")
        if ".." not in parts and "" not in parts[1:-1]:
            return value
    raise Refused(refusal(value, "an HTTP path such as /health", string_hint(value)))


def parse_project_path(value: object, *, show: bool = True) -> str:
    """A relative path that stays in the project; returned normalised."""
    expected = "a path inside the project, relative to its root"
    if not isinstance(value, str) or not _PATH.fullmatch(value):
        raise Refused(refusal(value, expected, string_hint(value), show=show))
    path = posixpath.normpath(value)
    if path == ".." or path.startswith(("/", "~", "../")):
        raise Refused(refusal(value, expected, show=show))
    return path


def parse_secret_path(value: object) -> str:
    """A path inside the project, or an absolute one: keys may live outside of it."""
    if isinstance(value, str) and value.startswith("/") and _PATH.fullmatch(value):
        return posixpath.normpath(value)
    return parse_project_path(value, show=False)


def parse_image(value: object) -> str:
    expected = "an image reference such as nginx:1.27 or nginx:1.27@sha256:…"
    if isinstance(value, str) and len(value) <= 255 and _IMAGE.fullmatch(value):
        return value
    hint = string_hint(value)
    if isinstance(value, str) and _IMAGE.fullmatch(value.lower()):
        hint = "image names are lower case"
    raise Refused(refusal(value, expected, hint))


def parse_registry(value: object) -> str:
    expected = "a registry such as registry.example.com/atlas, without scheme or tag"
    if isinstance(value, str) and re.fullmatch(_REPOSITORY, value):
        return value
    raise Refused(refusal(value, expected, string_hint(value)))


def parse_url(value: object) -> str:
    """`scheme://host[:port][/path]`. Credentials in it are refused and never shown."""
    expected = "a URL such as rediss://redis.internal:6380"
    if not isinstance(value, str):
        raise Refused(refusal(value, expected))
    try:
        url = urlsplit(value)
        host, _port = url.hostname, url.port
    except ValueError:
        host, url = None, urlsplit("")
    if url.username is not None or url.password is not None:
        raise Refused("a URL with credentials in it; leave them out and declare a secret")
    if not url.scheme or not host or not _is_host(host) or re.search(r"\s", value):
        raise Refused(refusal(value, expected))
    return value


def parse_flag(value: object) -> bool:
    if isinstance(value, bool):
        return value
    hint = "remove the quotes" if value in ("true", "false", "yes", "no") else ""
    raise Refused(refusal(value, "true or false", hint))


def _is_host(value: str) -> bool:
    try:
        return bool(parse_host(value))
    except Refused:
        return False


def pattern_parser(pattern: re.Pattern[str], expected: str, *, show: bool = True) -> Callable[[object], str]:
    def parse(value: object) -> str:
        if isinstance(value, str) and pattern.fullmatch(value):
            return value
        raise Refused(refusal(value, expected, string_hint(value), show=show))

    return parse


def count(least: int, most: int, name: str = "a whole number") -> Scalar:
    """A whole number in a range, both ends included."""

    def parse(value: object) -> int:
        if isinstance(value, int) and not isinstance(value, bool) and least <= value <= most:
            return value
        raise Refused(refusal(value, f"{name}, {least} to {most}", number_hint(value)))

    return Scalar(parse, {"type": "integer", "minimum": least, "maximum": most, "x-type": name[2:]})


def parse_percent(value: object) -> float:
    """A part of all, of which some may be missing: 100 would leave no room for a single failure."""
    if isinstance(value, (int, float)) and not isinstance(value, bool) and 50 <= value < 100:
        return float(value)
    raise Refused(refusal(value, "a percentage, 50 to below 100, such as 99.9", number_hint(value)))


def _string(kind_of: str, pattern: str = "") -> dict[str, str]:
    schema = {"type": "string", "x-type": kind_of}
    return {**schema, "pattern": f"^{pattern}$"} if pattern else schema


Text = Annotated[str, Scalar(parse_text, _string("string"))]
Name = Annotated[str, Scalar(parse_name, _string("name", _NAME.pattern))]
EnvName = Annotated[
    str,
    Scalar(pattern_parser(_ENV_NAME, _VARIABLE), _string("variable name", _ENV_NAME.pattern)),
]
# Where a secret comes from: somebody may have written its value instead.
SourceName = Annotated[
    str,
    Scalar(
        pattern_parser(_ENV_NAME, _VARIABLE, show=False),
        _string("variable name", _ENV_NAME.pattern),
    ),
]
Word = Annotated[
    str,
    Scalar(
        pattern_parser(_WORD, "a word (letters, digits and _ . : -)"),
        _string("word", _WORD.pattern),
    ),
]
# https://kubernetes.io/docs/concepts/overview/working-with-objects/names/
ObjectName = Annotated[
    str,
    Scalar(
        pattern_parser(_OBJECT_NAME, "a name of an object in Kubernetes (lower-case letters, digits, - and .)"),
        _string("name", _OBJECT_NAME.pattern),
    ),
]
Host = Annotated[str, Scalar(parse_host, _string("host name"))]
IpRange = Annotated[str, Scalar(parse_ip_range, _string("address range"))]
HeaderName = Annotated[str, Scalar(parse_header_name, _string("header name", _HEADER_NAME.pattern))]
HttpPath = Annotated[str, Scalar(parse_http_path, _string("HTTP path", _HTTP_PATH.pattern))]
ProjectPath = Annotated[str, Scalar(parse_project_path, _string("path"))]
SecretPath = Annotated[str, Scalar(parse_secret_path, _string("path"))]
ImageReference = Annotated[str, Scalar(parse_image, _string("image reference", _IMAGE.pattern))]
Registry = Annotated[str, Scalar(parse_registry, _string("registry", _REPOSITORY))]
Url = Annotated[str, Scalar(parse_url, _string("URL"))]
Flag = Annotated[bool, Scalar(parse_flag, {"type": "boolean", "x-type": "true or false"})]
Percent = Annotated[
    float,
    Scalar(parse_percent, {"type": "number", "minimum": 50, "exclusiveMaximum": 100, "x-type": "percentage"}),
]
Port = Annotated[int, count(1, 65535, "a port")]
