# Copyright: (c) 2026, bunops contributors
# SPDX-License-Identifier: Apache-2.0
"""Who may come in, as Envoy finds it out: by asking the service, or by a token of Clerk."""

from __future__ import annotations

from typing import Any

from .entrance import Asked, EdgeRoute, Entrance, Tokens, token_services
from .envoy_parts import Part, http_filter, typed

# The service is asked under this path, with that of the request behind it.
ASKED_AT = "/edge-auth"

_ASK = "envoy.filters.http.ext_authz"
_VERIFY = "envoy.filters.http.jwt_authn"
_ORIGINS = "envoy.filters.http.rbac"
_KINDS = "envoy.extensions.filters.http"
ANSWER = "5s"
# As programs allow, too.
CLOCK_SKEW_SECONDS = 5
_CLAIMS = "claims"
# What sign-in is decided by. Host, method, path and Authorization are told in any case.
TOLD = (
    "accept",
    "cookie",
    "origin",
    "referer",
    "sec-fetch-dest",
    "sec-fetch-mode",
    "sec-fetch-site",
    "user-agent",
    "x-forwarded-proto",
    "x-request-id",
)
NO_SESSION = {"code": "no_session", "message": "there is no session, or it has ended"}


def filters(entrance: Entrance, key_set_file: str) -> list[Part]:
    """Those that the routes need, in their order. key_set_file: of the keys that tokens are signed with."""
    asked = [each for each in entrance.routes if isinstance(each.access, Asked)]
    by_token = {each.service: each.access for each in entrance.routes if isinstance(each.access, Tokens)}
    found: list[Part] = []
    if by_token:
        found += [_verifying(by_token, key_set_file), http_filter(_ORIGINS, "rbac.v3.RBAC")]
    if asked:
        found.append(_asking(asked[0]))
    return found


def of_route(entrance: Entrance, each: EdgeRoute, origin: str) -> dict[str, Part]:
    """What the filters do on this route. origin: which tokens have to be made for."""
    of: dict[str, Part] = {}
    if isinstance(each.access, Tokens):
        of[_VERIFY] = typed(f"{_KINDS}.jwt_authn.v3.PerRouteConfig", requirement_name=each.service)
        of[_ORIGINS] = typed(f"{_KINDS}.rbac.v3.RBACPerRoute", rbac={"rules": _made_for(origin)})
    if any(isinstance(route.access, Asked) for route in entrance.routes):
        asked = isinstance(each.access, Asked)
        how: Part = {"check_settings": {"http_service": _service(each)}} if asked else {"disabled": True}
        of[_ASK] = typed(f"{_KINDS}.ext_authz.v3.ExtAuthzPerRoute", **how)
    return of


def refusals(entrance: Entrance) -> Part:
    """The words of programs for those that Envoy sends away because of their tokens; why, its log says."""
    if not token_services(entrance):
        return {}
    because_of_it = "response.code_details.startsWith('jwt_authn') || response.code_details.startsWith('rbac')"
    kind = "envoy.extensions.access_loggers.filters.cel.v3.ExpressionFilter"
    extension = {
        "name": "envoy.access_loggers.extension_filters.cel",
        "typed_config": typed(kind, expression=because_of_it),
    }
    mapper = {
        "filter": {"extension_filter": extension},
        "status_code": 401,
        # Without the request's address, which Envoy repeats there.
        "headers_to_add": [
            {"header": {"key": "WWW-Authenticate", "value": "Bearer"}, "append_action": "OVERWRITE_IF_EXISTS_OR_ADD"}
        ],
        "body_format_override": {"json_format": {"error": NO_SESSION}},
    }
    return {"local_reply_config": {"mappers": [mapper]}}


def _asking(first: EdgeRoute) -> Part:
    """Whatever hinders it, nobody comes in. Which service is asked, each route says."""
    return http_filter(
        _ASK,
        "ext_authz.v3.ExtAuthz",
        transport_api_version="V3",
        http_service=_service(first),
        allowed_headers={"patterns": [{"exact": name, "ignore_case": True} for name in TOLD]},
        status_on_error={"code": "ServiceUnavailable"},
    )


def _service(each: EdgeRoute) -> Part:
    uri = {"uri": f"http://{each.service}:{each.port}", "cluster": each.service, "timeout": ANSWER}
    return {"server_uri": uri, "path_prefix": ASKED_AT}


def _verifying(by_service: dict[str, Tokens], key_set_file: str) -> Part:
    return http_filter(
        _VERIFY,
        "jwt_authn.v3.JwtAuthentication",
        providers={service: _provider(tokens, key_set_file) for service, tokens in by_service.items()},
        requirement_map={service: {"provider_name": service} for service in by_service},
    )


def _provider(tokens: Tokens, key_set_file: str) -> dict[str, Any]:
    return {
        **({"issuer": tokens.issuer} if tokens.issuer else {}),
        "local_jwks": {"filename": key_set_file},
        # Nothing that a browser sends along by itself, whoever's page it shows.
        "from_headers": [{"name": "Authorization", "value_prefix": "Bearer "}],
        # The service verifies it again.
        "forward": True,
        "require_expiration": True,
        "clock_skew_seconds": CLOCK_SKEW_SECONDS,
        "payload_in_metadata": _CLAIMS,
    }


def _made_for(origin: str) -> Part:
    claim = {
        "filter": _VERIFY,
        "path": [{"key": _CLAIMS}, {"key": "azp"}],
        "value": {"string_match": {"exact": origin}},
    }
    principals = [{"sourced_metadata": {"metadata_matcher": claim}}]
    return {"policies": {"origin": {"permissions": [{"any": True}], "principals": principals}}}
