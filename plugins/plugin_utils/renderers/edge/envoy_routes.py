# Copyright: (c) 2026, bunops contributors
# SPDX-License-Identifier: Apache-2.0
"""Routes, their limits, and where they lead, as Envoy takes them."""

from __future__ import annotations

from typing import Any

from .entrance import EdgeRoute, Entrance, Limit

Part = dict[str, Any]

_RATE_LIMIT = "envoy.filters.http.local_ratelimit"
_BODY_LIMIT = "envoy.filters.http.buffer"
# Clients whose requests are counted at a time, a route. The one not seen for the longest is forgotten first.
_CLIENTS = 10_000
# For requests that no descriptor fits: there are none, and Envoy wants a number.
_UNLIMITED = {"max_tokens": 2**32 - 1, "tokens_per_fill": 2**32 - 1, "fill_interval": "1s"}
# So that a timeout answers, and not the end of an idle stream.
_MARGIN_SECONDS = 5
# Below that of programs, or they close connections that are just being used.
IDLE_UPSTREAM = "10s"
CONNECT = "2s"
# Both say that the program has seen nothing of the request.
RETRIES = 2
RETRY_ON = ("connect-failure", "reset-before-request")


def typed(kind: str, **fields: Any) -> Part:
    return {"@type": f"type.googleapis.com/{kind}", **fields}


def _filter(name: str, kind: str, **fields: Any) -> Part:
    return {"name": name, "typed_config": typed(f"envoy.extensions.filters.http.{kind}", **fields)}


ROUTER = _filter("envoy.filters.http.router", "router.v3.Router", suppress_envoy_headers=True)
# Each route has limits of its own. Who asks too often is sent away before anything is kept of what they send.
_LIMITER = _filter(_RATE_LIMIT, "local_ratelimit.v3.LocalRateLimit", stat_prefix="edge")
FILTERS = (
    _LIMITER,
    _filter(_BODY_LIMIT, "buffer.v3.Buffer", max_request_bytes=1),
    ROUTER,
)
# A WebSocket has no body that ends, which the limit of a body would wait for.
UPGRADE_FILTERS = (_LIMITER, ROUTER)


def redirect(https_port: int) -> Part:
    """Everything, to the same place by HTTPS."""
    return {"match": {"prefix": "/"}, "redirect": {"https_redirect": True, "port_redirect": https_port}}


def route(entrance: Entrance, each: EdgeRoute) -> Part:
    """A route with its limits."""
    body = typed(
        "envoy.extensions.filters.http.buffer.v3.BufferPerRoute", buffer={"max_request_bytes": each.body_limit.bytes}
    )
    return {
        "match": {"prefix": "/"} if each.path == "/" else {"path_separated_prefix": each.path},
        "route": {
            "cluster": each.service,
            **_timeouts(entrance, each),
            "retry_policy": {"retry_on": ",".join(RETRY_ON), "num_retries": RETRIES},
        },
        "typed_per_filter_config": {
            _BODY_LIMIT: body,
            **({_RATE_LIMIT: _rate_limit(each.limit)} if each.limit else {}),
        },
    }


def _timeouts(entrance: Entrance, each: EdgeRoute) -> Part:
    if each.timeout is None:
        return {"timeout": "0s", "idle_timeout": "0s", "upgrade_configs": [{"upgrade_type": "websocket"}]}
    return {"timeout": f"{each.timeout.seconds}s", "idle_timeout": f"{idle_seconds(entrance, each)}s"}


def idle_seconds(entrance: Entrance, each: EdgeRoute) -> int:
    """After which a request that nothing moves in is ended; 0: never."""
    if each.timeout is None:
        return 0
    return max(each.timeout.seconds, entrance.request_timeout.seconds) + _MARGIN_SECONDS


def _rate_limit(limit: Limit) -> Part:
    bucket = {"max_tokens": limit.requests, "tokens_per_fill": limit.requests, "fill_interval": f"{limit.seconds}s"}
    always = {"default_value": {"numerator": 100}}
    kinds = _clients(limit)
    return typed(
        "envoy.extensions.filters.http.local_ratelimit.v3.LocalRateLimit",
        stat_prefix="edge",
        token_bucket=_UNLIMITED,
        always_consume_default_token_bucket=False,
        filter_enabled=always,
        filter_enforced=always,
        max_dynamic_descriptors=_CLIENTS,
        rate_limits=[{"actions": actions} for actions, _entries in kinds],
        # An entry without a value stands for all values, each with a bucket of its own.
        descriptors=[{"entries": entries, "token_bucket": bucket} for _actions, entries in kinds],
        response_headers_to_add=[
            {
                "header": {"key": "Retry-After", "value": str(limit.retry_after)},
                "append_action": "OVERWRITE_IF_EXISTS_OR_ADD",
            }
        ],
    )


def _clients(limit: Limit) -> list[tuple[list[Part], list[Part]]]:
    """What is read of a request, and what a bucket is for, by way of telling clients apart."""
    # Who has an IPv6 address has all of its network.
    address = {"masked_remote_address": {"v4_prefix_mask_len": 32, "v6_prefix_mask_len": 64}}
    by_address = {"key": "masked_remote_address"}
    if limit.header is None:
        return [([address], [by_address])]
    sent = {"request_headers": {"header_name": limit.header, "descriptor_key": "client"}}
    absent = {
        "header_value_match": {
            "descriptor_value": "absent",
            "expect_match": False,
            "headers": [{"name": limit.header, "present_match": True}],
        }
    }
    return [
        ([sent], [{"key": "client"}]),
        ([absent, address], [{"key": "header_match", "value": "absent"}, by_address]),
    ]


def cluster(each: EdgeRoute) -> Part:
    """A service, by its name in Docker's DNS, which a container that was made anew has another address under."""
    address = {"socket_address": {"address": each.service, "port_value": each.port}}
    kind = "envoy.extensions.upstreams.http.v3.HttpProtocolOptions"
    options = typed(
        kind,
        common_http_protocol_options={"idle_timeout": IDLE_UPSTREAM},
        explicit_http_config={"http_protocol_options": {}},
    )
    return {
        "name": each.service,
        "cluster_type": {
            "name": "envoy.clusters.dns",
            "typed_config": typed(
                "envoy.extensions.clusters.dns.v3.DnsCluster", dns_refresh_rate="1s", dns_lookup_family="V4_PREFERRED"
            ),
        },
        "connect_timeout": CONNECT,
        "load_assignment": {
            "cluster_name": each.service,
            "endpoints": [{"lb_endpoints": [{"endpoint": {"address": address}}]}],
        },
        "typed_extension_protocol_options": {kind: options},
    }
