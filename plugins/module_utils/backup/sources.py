# Copyright: (c) 2026, bunops contributors
# SPDX-License-Identifier: Apache-2.0
"""Running stores: where each is read, as whom, and by which image its snapshot is checked."""

from __future__ import annotations

import contextlib
import traceback
from pathlib import Path
from typing import Callable, ContextManager, Iterator, List, NamedTuple, Optional, Sequence

from ansible_collections.bunops.platform.plugins.module_utils.backup import in_cluster
from ansible_collections.bunops.platform.plugins.module_utils.backup.errors import BackupError, LibraryMissing
from ansible_collections.bunops.platform.plugins.module_utils.backup.model import Store
from ansible_collections.bunops.platform.plugins.module_utils.cluster.client import Client
from ansible_collections.bunops.platform.plugins.module_utils.cluster.connection import Options
from ansible_collections.bunops.platform.plugins.module_utils.cluster.errors import ClusterError


class Cluster(NamedTuple):
    """The namespace that the stores are in."""

    connection: Options
    namespace: str


class Source(NamedTuple):
    """store: with its image. reached: its URL, for as long as it is read. pull: whether the image may be absent."""

    store: Store
    secret: str
    reached: Callable[[], ContextManager[str]]
    pull: bool = False


@contextlib.contextmanager
def opened(stores: Sequence[Store], cluster: Optional[Cluster], seconds: float) -> Iterator[List[Source]]:
    """Looks where each store is, and reads its secret. Raises BackupError."""
    if cluster is None:
        yield [_here(store) for store in stores]
        return
    try:
        import websocket  # noqa: F401 - before anything is done
    except ImportError:
        raise LibraryMissing("websocket-client", traceback.format_exc()) from None
    try:
        client = Client.connect(cluster.connection)
    except ClusterError as error:
        raise BackupError(str(error)) from None
    with client:
        yield [_there(client, cluster.namespace, store, seconds) for store in stores]


def _here(store: Store) -> Source:
    url = store.url or ""
    return Source(store, _secret_of(store), lambda: contextlib.nullcontext(url))


def _there(client: Client, namespace: str, store: Store, seconds: float) -> Source:
    try:
        place = in_cluster.place_of(client, namespace, store)
        secret = _secret_of(store) if store.secret is None else in_cluster.secret_of(client, namespace, store)
    except ClusterError as error:
        raise BackupError("stores: %s in the namespace %s: %s" % (store.name, namespace, error)) from None
    found = store if store.image else store._replace(image=place.image)
    return Source(found, secret, lambda: in_cluster.reached(client, place, store, seconds), pull=True)


def _secret_of(store: Store) -> str:
    if store.secret_file is None:
        return ""
    try:
        return Path(store.secret_file).read_text(encoding="utf-8").strip()
    except (OSError, UnicodeDecodeError) as error:
        raise BackupError("stores: the secret_file of %s cannot be read: %s" % (store.name, error)) from None
