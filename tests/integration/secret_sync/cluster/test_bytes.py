# Copyright: (c) 2026, bunops contributors
# SPDX-License-Identifier: Apache-2.0
"""Any bytes go to a Secret and come back from the API as they were."""

from __future__ import annotations

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from ansible_collections.bunops.platform.tests.integration.secret_sync.cluster.space import Space, sync

BATCHES, SECRETS, FILES = 100, 10, 10
VALUES = st.one_of(
    st.binary(max_size=48),
    st.text(max_size=24).map(lambda text: text.encode("utf-8", "surrogatepass")),
    st.text(alphabet="'\"$#\\`\n\r\t =%{}\0", max_size=24).map(str.encode),
)


def test_ten_thousand_values_come_back_as_they_were(space: Space) -> None:
    client = space.client()
    seen = 0

    @settings(
        max_examples=BATCHES,
        deadline=None,
        database=None,
        suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large, HealthCheck.large_base_example],
    )
    @given(st.lists(VALUES, min_size=SECRETS * FILES, max_size=SECRETS * FILES))
    def there_and_back(values: list[bytes]) -> None:
        nonlocal seen
        wanted = {
            f"S{number}": {f"S{number}.{file}": values[number * FILES + file] for file in range(FILES)}
            for number in range(SECRETS)
        }
        holding = sync(space.target(client), wanted, keep=1).held
        assert space.secrets() == {holding[name].place: wanted[name] for name in wanted}
        assert {name: version.files for name, version in space.target(client).observe().items()} == wanted
        seen += len(values)

    there_and_back()
    assert seen >= 10_000
