# Copyright: (c) 2026, bunops contributors
# SPDX-License-Identifier: Apache-2.0
"""Evaluates a Tiltfile by a real Starlark, with stand-ins for Tilt's built-ins that know their parameters."""

from __future__ import annotations

import inspect
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import starlark
import yaml

API: Mapping[str, Mapping[str, list[str]]] = yaml.safe_load((Path(__file__).parent / "tilt_api.yml").read_text())[
    "functions"
]
# Those of modules, which Starlark sees as fields of a struct.
_MODULES = """
os = struct(
    putenv = os_putenv,
    path = struct(abspath = os_path_abspath, exists = os_path_exists),
)
"""

Call = Mapping[str, Any]


@dataclass
class Tilt:
    """files: what is there, by path from the Tiltfile on. context: of the kubeconfig."""

    files: Mapping[str, str] = field(default_factory=dict)
    context: str = "kind-local"
    calls: list[tuple[str, Call]] = field(default_factory=list)

    def evaluate(self, text: str) -> Tilt:
        """Raises StarlarkError for text that is no Starlark, and for calls that Tilt would refuse."""
        module = starlark.Module()
        for name in API:
            module.add_callable(name.replace(".", "_"), self._stand_in(name))
        module["TRIGGER_MODE_MANUAL"] = "manual"
        values = starlark.Globals.extended_by([starlark.LibraryExtension.StructType])
        dialect = starlark.Dialect.standard()
        dialect.enable_top_level_stmt = True
        starlark.eval(module, starlark.parse("Tiltfile", _MODULES + text, dialect), values)
        return self

    def of(self, name: str) -> list[Call]:
        """The arguments of each call of a function, in order."""
        return [arguments for function, arguments in self.calls if function == name]

    def _stand_in(self, name: str) -> Callable[..., Any]:
        signature = _signature(name)
        answers: dict[str, Callable[..., Any]] = {
            "fail": self._fail,
            "k8s_context": lambda: self.context,
            "encode_yaml": lambda obj: {"blob": yaml.safe_dump(_encodable(obj))},
            "encode_yaml_stream": lambda objs: {"blob": yaml.safe_dump_all(_encodable(objs))},
            "read_yaml_stream": lambda path: list(yaml.safe_load_all(self.files[path])),
            "os.path.abspath": lambda path: f"/project/{path}",
            "os.path.exists": lambda path: path in self.files,
        }

        def stand_in(*values: Any, **named: Any) -> Any:
            arguments = signature.bind(*values, **named).arguments
            self.calls.append((name, arguments))
            answer = answers.get(name)
            return answer(**arguments) if answer else {"function": name, **arguments}

        return stand_in

    def _fail(self, msg: str) -> None:
        raise RuntimeError(msg)


def _encodable(value: Any) -> Any:
    """Tilt encodes mappings with keys of text, lists, text, whole numbers and truth values, and nothing else."""
    if isinstance(value, Mapping):
        return {_text(key): _encodable(item) for key, item in value.items()}
    if isinstance(value, list):
        return [_encodable(item) for item in value]
    if not isinstance(value, (str, int)):
        raise TypeError(f"{value!r} cannot be encoded")
    return value


def _text(key: Any) -> str:
    if not isinstance(key, str):
        raise TypeError(f"{key!r} cannot be a key")
    return key


def _signature(name: str) -> inspect.Signature:
    kind = inspect.Parameter.POSITIONAL_OR_KEYWORD
    required = [inspect.Parameter(parameter, kind) for parameter in API[name]["required"]]
    optional = [inspect.Parameter(parameter, kind, default=None) for parameter in API[name]["optional"]]
    return inspect.Signature([*required, *optional])
