# Copyright: (c) 2026, bunops contributors
# SPDX-License-Identifier: Apache-2.0
"""Who may come in, as Envoy Gateway finds it out: by asking the service, or by a token of Clerk."""

from __future__ import annotations

import json
from collections.abc import Iterator

from ...model.injection import https_origin
from ..manifests.parts import Object, Part
from .entrance import Asked, EdgeRoute, Entrance, Tokens
from .envoy_access import ANSWER, ASKED_AT, CLOCK_SKEW_SECONDS, NO_SESSION, TOLD
from .gateway_parts import POLICY_API, backend, route_target

_PROVIDER = "clerk"
_CLAIMS = f"metadata.filter_metadata['envoy.filters.http.jwt_authn']['{_PROVIDER}']"
# Envoy Gateway sets neither how far clocks may differ, which leaves 60 seconds, nor that tokens have to expire.
_IN_TIME = (
    f"int(request.time) <= int({_CLAIMS}.exp) + {CLOCK_SKEW_SECONDS}"
    f" && (!has({_CLAIMS}.nbf) || int(request.time) >= int({_CLAIMS}.nbf) - {CLOCK_SKEW_SECONDS})"
)


def access_policies(part: Part, entrance: Entrance, key_set: str | None) -> Iterator[Object]:
    """key_set: the public keys of tokens; without any, the services alone verify them."""
    for each in entrance.routes:
        if isinstance(each.access, Asked):
            yield _policy(part, each, {"extAuth": _asking(each)})
        elif isinstance(each.access, Tokens) and key_set:
            verifying = {"providers": [_provider(each.access, key_set)]}
            made_for = _made_for(https_origin(entrance.host))
            yield _policy(part, each, {"jwt": verifying, "authorization": made_for})


def no_session() -> list[Object]:
    """What those get whom the edge sends away because of their tokens: the words of programs."""
    response = {
        "statusCode": 401,
        "contentType": "application/json",
        "body": {"type": "Inline", "inline": json.dumps({"error": NO_SESSION})},
        "header": {"set": [{"name": "WWW-Authenticate", "value": "Bearer"}]},
    }
    # The answer to a WebSocket that may not be is 403 as well, without a text.
    with_text = {"name": "Content-Type", "value": {"type": "Exact", "value": "text/plain"}}
    unverified = {"statusCodes": [{"type": "Value", "value": 401}]}
    unauthorized = {"statusCodes": [{"type": "Value", "value": 403}], "responseHeaders": [with_text]}
    return [{"match": match, "response": response, "source": "Local"} for match in (unverified, unauthorized)]


def _policy(part: Part, each: EdgeRoute, spec: Object) -> Object:
    whole = {"targetRefs": [route_target(each)], **spec}
    return part.object(POLICY_API, "SecurityPolicy", {"spec": whole}, name=each.service)


def _asking(each: EdgeRoute) -> Object:
    """Whatever hinders it, nobody comes in."""
    return {
        "http": {"backendRefs": [backend(each)], "path": ASKED_AT},
        "headersToExtAuth": list(TOLD),
        "timeout": ANSWER,
        "failOpen": False,
        "statusOnError": 503,
    }


def _provider(tokens: Tokens, key_set: str) -> Object:
    return {
        "name": _PROVIDER,
        "issuer": tokens.issuer,
        "localJWKS": {"type": "Inline", "inline": key_set},
        # Nothing that a browser sends along by itself, whoever's page it shows.
        "extractFrom": {"headers": [{"name": "Authorization", "valuePrefix": "Bearer "}]},
    }


def _made_for(origin: str) -> Object:
    claim = {"name": "azp", "valueType": "String", "values": [origin]}
    rule = {
        "name": "origin",
        "action": "Allow",
        "principal": {"jwt": {"provider": _PROVIDER, "claims": [claim]}},
        "cel": _IN_TIME,
    }
    return {"defaultAction": "Deny", "rules": [rule]}
