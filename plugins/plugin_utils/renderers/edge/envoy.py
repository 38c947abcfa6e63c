# Copyright: (c) 2026, bunops contributors
# SPDX-License-Identifier: Apache-2.0
"""The entrance as the static configuration of an Envoy that meets clients itself.

https://www.envoyproxy.io/docs/envoy/latest/configuration/best_practices/edge
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from .entrance import Entrance
from .envoy_routes import FILTERS, ROUTER, UPGRADE_FILTERS, Part, cluster, redirect, route, typed

_FILTER = "envoy.extensions.filters.http"
_MANAGER = "envoy.extensions.filters.network.http_connection_manager.v3.HttpConnectionManager"
# Connections in all, so that they do not use up the memory.
_CONNECTIONS = 10_000
HEADERS_SECONDS = 10
HANDSHAKE = "10s"
KEEP_ALIVE = "60s"
# Of HTTP/2, for each connection: requests at one time, and bytes on their way.
STREAMS = 100
STREAM_WINDOW = 65536
CONNECTION_WINDOW = 1048576
# Whatever clients say of these, only we know.
_OURS = ("x-envoy-", "x-forwarded-host", "x-forwarded-port", "x-forwarded-proto")


@dataclass(frozen=True)
class EnvoyPlace:
    """Where it listens, its files, and its memory.

    http_port: leads to https_port. admin_socket: for health and a graceful end. heap_bytes: what it may take; short of
    that it sends requests away, instead of being ended for all clients.
    """

    https_port: int
    http_port: int
    certificate_file: str
    key_file: str
    admin_socket: str
    heap_bytes: int


def envoy(entrance: Entrance, place: EnvoyPlace) -> Part:
    """The bootstrap configuration, as plain data."""
    return {
        # A socket that only its own user reaches; nothing of it is on the network.
        "admin": {"address": {"pipe": {"path": place.admin_socket, "mode": 0o600}}},
        "overload_manager": _overload(place.heap_bytes),
        "static_resources": {
            "listeners": [_https(entrance, place), _http(entrance, place)],
            "clusters": [cluster(each) for each in sorted(entrance.routes, key=lambda each: each.service)],
        },
    }


def _overload(heap_bytes: int) -> Part:
    heap, monitors = "envoy.resource_monitors.fixed_heap", "envoy.extensions.resource_monitors"
    connections = typed(
        f"{monitors}.downstream_connections.v3.DownstreamConnectionsConfig",
        max_active_downstream_connections=_CONNECTIONS,
    )
    return {
        "refresh_interval": "0.25s",
        "resource_monitors": [
            {"name": "envoy.resource_monitors.global_downstream_max_connections", "typed_config": connections},
            {
                "name": heap,
                "typed_config": typed(f"{monitors}.fixed_heap.v3.FixedHeapConfig", max_heap_size_bytes=heap_bytes),
            },
        ],
        "actions": [
            {"name": f"envoy.overload_actions.{action}", "triggers": [{"name": heap, "threshold": {"value": value}}]}
            for action, value in (("shrink_heap", 0.9), ("stop_accepting_requests", 0.95))
        ],
    }


def _https(entrance: Entrance, place: EnvoyPlace) -> Part:
    chain = {
        "transport_socket": {
            "name": "envoy.transport_sockets.tls",
            "typed_config": typed(
                "envoy.extensions.transport_sockets.tls.v3.DownstreamTlsContext",
                common_tls_context={
                    "alpn_protocols": ["h2", "http/1.1"],
                    "tls_certificates": [
                        {
                            "certificate_chain": {"filename": place.certificate_file},
                            "private_key": {"filename": place.key_file},
                        }
                    ],
                    "tls_params": {"tls_minimum_protocol_version": "TLSv1_2"},
                },
            ),
        },
        "transport_socket_connect_timeout": HANDSHAKE,
    }
    hosts = _hosts(entrance.host, place.https_port, 443)
    manager = _manager(
        entrance,
        hosts,
        [route(entrance, each) for each in entrance.routes],
        http_filters=[_headers_filter(entrance), *FILTERS],
        # Only on routes that allow it.
        upgrade_configs=[{"upgrade_type": "websocket", "enabled": False, "filters": list(UPGRADE_FILTERS)}],
    )
    return _listener("https", place.https_port, chain, manager)


def _http(entrance: Entrance, place: EnvoyPlace) -> Part:
    hosts = _hosts(entrance.host, place.http_port, 80)
    manager = _manager(entrance, hosts, [redirect(place.https_port)], http_filters=[ROUTER])
    return _listener("http", place.http_port, {}, manager)


def _hosts(host: str, port: int, default: int) -> list[str]:
    """What clients call it: the port is left out where it is the scheme's own."""
    name = f"[{host}]" if ":" in host else host
    return [name] if port == default else [name, f"{name}:{port}"]


def _listener(name: str, port: int, chain: Part, manager: Part) -> Part:
    network_filter = {"name": "envoy.filters.network.http_connection_manager", "typed_config": manager}
    return {
        "name": name,
        "address": {"socket_address": {"address": "0.0.0.0", "port_value": port}},  # noqa: S104 - in its container
        "per_connection_buffer_limit_bytes": 32768,
        "filter_chains": [{**chain, "filters": [network_filter]}],
    }


def _manager(entrance: Entrance, hosts: list[str], routes: list[Part], **more: Any) -> Part:
    seconds = entrance.request_timeout.seconds
    return typed(
        _MANAGER,
        stat_prefix="edge",
        **_client_address(entrance.trusted_proxies),
        early_header_mutation_extensions=[_distrust(entrance.trusted_proxies)],
        # Nobody needs to know what program this is.
        server_header_transformation="PASS_THROUGH",
        normalize_path=True,
        merge_slashes=True,
        path_with_escaped_slashes_action="REJECT_REQUEST",
        common_http_protocol_options={
            "idle_timeout": KEEP_ALIVE,
            # A program that reads X_Y and X-Y as one could be told what only the edge may tell.
            "headers_with_underscores_action": "REJECT_REQUEST",
        },
        http2_protocol_options={
            "max_concurrent_streams": STREAMS,
            "initial_stream_window_size": STREAM_WINDOW,
            "initial_connection_window_size": CONNECTION_WINDOW,
        },
        request_timeout=f"{seconds}s",
        request_headers_timeout=f"{min(seconds, HEADERS_SECONDS)}s",
        access_log=[_access_log()],
        route_config={
            "name": "edge",
            "virtual_hosts": [{"name": "platform", "domains": hosts, "routes": routes}],
        },
        **more,
    )


def _client_address(trusted: tuple[str, ...]) -> dict[str, Any]:
    if not trusted:
        return {"use_remote_address": True}
    ranges = [_range(each) for each in trusted]
    kind = "envoy.extensions.http.original_ip_detection.xff.v3.XffConfig"
    extension = {
        "name": "envoy.http.original_ip_detection.xff",
        "typed_config": typed(kind, xff_trusted_cidrs={"cidrs": ranges}, skip_xff_append=False),
    }
    return {"use_remote_address": False, "original_ip_detection_extensions": [extension]}


def _range(text: str) -> Part:
    prefix, _slash, length = text.partition("/")
    return {"address_prefix": prefix, "prefix_len": int(length or (128 if ":" in prefix else 32))}


def distrusted(trusted: tuple[str, ...]) -> tuple[str, ...]:
    """How the headers begin that clients send in vain."""
    # Without a proxy in front, nobody else has anything to say about the client either.
    return _OURS if trusted else (*_OURS, "x-forwarded-for")


def _distrust(trusted: tuple[str, ...]) -> Part:
    removals = [{"remove_on_match": {"key_matcher": {"prefix": prefix}}} for prefix in distrusted(trusted)]
    return {
        "name": "envoy.http.early_header_mutation.header_mutation",
        "typed_config": typed(
            "envoy.extensions.http.early_header_mutation.header_mutation.v3.HeaderMutation", mutations=removals
        ),
    }


def _headers_filter(entrance: Entrance) -> Part:
    """The first of the filters, so that what the others answer themselves passes through it too."""
    added = [
        {"append": {"header": {"key": key, "value": value}, "append_action": "ADD_IF_ABSENT"}}
        for key, value in entrance.headers.items()
    ]
    return {
        "name": "envoy.filters.http.header_mutation",
        "typed_config": typed(f"{_FILTER}.header_mutation.v3.HeaderMutation", mutations={"response_mutations": added}),
    }


def _access_log() -> Part:
    """A line of JSON a request. Queries are left out: they carry tokens of sign-in."""
    fields = {
        "time": "%START_TIME%",
        "request_id": "%REQ(X-REQUEST-ID)%",
        "client": "%DOWNSTREAM_REMOTE_ADDRESS_WITHOUT_PORT%",
        "method": "%REQ(:METHOD)%",
        "host": "%REQ(:AUTHORITY)%",
        "path": "%PATH(NQ:PATH)%",
        "protocol": "%PROTOCOL%",
        "status": "%RESPONSE_CODE%",
        "details": "%RESPONSE_CODE_DETAILS%",
        "flags": "%RESPONSE_FLAGS%",
        "milliseconds": "%DURATION%",
        "received": "%BYTES_RECEIVED%",
        "sent": "%BYTES_SENT%",
        "service": "%UPSTREAM_CLUSTER%",
    }
    return {
        "name": "envoy.access_loggers.stdout",
        "typed_config": typed(
            "envoy.extensions.access_loggers.stream.v3.StdoutAccessLog", log_format={"json_format": fields}
        ),
    }
