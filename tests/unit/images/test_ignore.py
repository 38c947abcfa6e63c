# Copyright: (c) 2026, bunops contributors
# SPDX-License-Identifier: Apache-2.0
"""Docker's ignore rules; tests/integration/images compares them with the real builder."""

from __future__ import annotations

import pytest

from ansible_collections.bunops.platform.plugins.module_utils.images import ignore

CASES = [
    # text of the ignore file, ignored, kept
    ("", [], ["a", "a/b"]),
    ("# comment\n\n  \n", [], ["# comment", "a"]),
    ("a", ["a", "a/b", "a/b/c"], ["b", "ab", "b/a"]),
    ("/a/", ["a", "a/b"], ["b/a"]),
    ("./a/../b", ["b"], ["a"]),
    ("*", ["a", "a/b", ".hidden"], []),
    ("*.md", ["x.md"], ["x.mdx", "a/x.md"]),
    ("**/*.md", ["x.md", "a/x.md", "a/b/x.md"], ["xmd"]),
    ("**", ["a", "a/b/c"], []),
    ("a/**/z", ["a/z", "a/b/z", "a/b/c/z"], ["z", "b/a/z"]),
    ("a/**", ["a/b", "a/b/c"], ["b"]),
    ("?.ts", ["a.ts"], ["ab.ts", "/.ts"]),
    ("[ab].ts", ["a.ts", "b.ts"], ["c.ts"]),
    ("[^ab].ts", ["c.ts"], ["a.ts"]),
    ("a.(b)+", ["a.(b)+"], ["axbb"]),
    (r"a\*", ["a*"], ["ab"]),
    ("*\n!a", ["b", "b/a"], ["a", "a/b"]),
    ("*\n!a/b", ["a", "a/c"], ["a/b", "a/b/c"]),
    ("*\n!a\na/x", ["a/x", "b"], ["a", "a/y"]),
    ("*\n!**/*.ts", ["a", "a/b.js"], ["a.ts", "a/b.ts"]),
    ("!a\n*", ["a"], []),
    ("*\n! a ", ["b"], ["a"]),
]


@pytest.mark.parametrize(("text", "ignored", "kept"), CASES)
def test_paths(text: str, ignored: list[str], kept: list[str]) -> None:
    rules = ignore.parse(text)
    assert {path: rules.ignores(path) for path in (*ignored, *kept)} == {
        **dict.fromkeys(ignored, True),
        **dict.fromkeys(kept, False),
    }


@pytest.mark.parametrize("text", ["!", "a\n! \n", "[a"])
def test_patterns_that_docker_refuses(text: str) -> None:
    with pytest.raises(ignore.IgnoreError, match="illegal"):
        ignore.parse(text)


@pytest.mark.parametrize(
    ("text", "directory", "entered"),
    [
        ("*\n!a/b", "a", True),
        ("*\n!a/b", "a/b", True),
        ("*\n!a/b", "a/c", False),
        ("*\n!a/b", "ab", False),
        ("*\n!**/*.ts", "anything", True),
        ("a", "a", False),
    ],
)
def test_ignored_directories_are_entered_only_for_exceptions(text: str, directory: str, entered: bool) -> None:
    assert ignore.parse(text).may_hold_exceptions(directory) is entered


def test_a_byte_order_mark_is_no_part_of_the_first_pattern() -> None:
    assert ignore.parse("\ufeffa\n").ignores("a")
