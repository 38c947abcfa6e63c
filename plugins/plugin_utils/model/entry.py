# Copyright: (c) 2026, bunops contributors
# SPDX-License-Identifier: Apache-2.0
"""What all parts of the catalog share: frozen, closed mappings with described fields."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from types import MappingProxyType
from typing import Annotated, Any, TypeVar

from pydantic import (
    AfterValidator,
    BaseModel,
    ConfigDict,
    Discriminator,
    Field,
    GetCoreSchemaHandler,
    GetJsonSchemaHandler,
    PlainSerializer,
)
from pydantic.fields import FieldInfo
from pydantic_core import CoreSchema, PydanticCustomError, core_schema

K = TypeVar("K")
V = TypeVar("V")

# Types of pydantic errors made here; explain.py turns them into lines.
REFUSED = "refused"
NO_VARIANT_KEY = "no_variant_key"
NO_VARIANT_SHAPE = "no_variant_shape"


class Entry(BaseModel):
    """A mapping of the catalog: immutable, unknown keys refused."""

    model_config = ConfigDict(frozen=True, extra="forbid")


# A mapping that cannot be changed; NONE_OF is its empty default.
NONE_OF: Mapping[Any, Any] = {}
FrozenMap = Annotated[
    Mapping[K, V],
    Field(validate_default=True),
    AfterValidator(MappingProxyType),
    PlainSerializer(dict),
]


class Refused(ValueError):
    """A value that a scalar's parser does not accept; the text becomes the problem's text."""


def _as_it_is(value: object) -> object:
    return value


@dataclass(frozen=True, eq=False)
class Scalar:
    """Lets pydantic read a scalar with a function of ours, which never converts silently.

    parse: gets the plain YAML value, returns the typed one or raises Refused.
    schema: its JSON Schema; `x-type` is its name in the field reference.
    dump: the typed value back as plain YAML.
    """

    parse: Callable[[object], Any]
    schema: Mapping[str, Any]
    dump: Callable[[Any], object] = _as_it_is

    def __get_pydantic_core_schema__(self, _source: object, _handler: GetCoreSchemaHandler) -> CoreSchema:
        return core_schema.no_info_plain_validator_function(
            self._read, serialization=core_schema.plain_serializer_function_ser_schema(self.dump)
        )

    def __get_pydantic_json_schema__(self, _schema: CoreSchema, _handler: GetJsonSchemaHandler) -> dict[str, Any]:
        return dict(self.schema)

    def _read(self, value: object) -> object:
        try:
            return self.parse(value)
        except Refused as refused:
            raise PydanticCustomError(REFUSED, "{text}", {"text": str(refused)}) from None


def field(
    description: str,
    *,
    compose: str,
    kubernetes: str,
    bake: str = "",
    examples: Sequence[object] = (),
) -> Any:
    """A field's description and what each target does with it, for schema and reference."""
    effects = {"x-compose": compose, "x-kubernetes": kubernetes, "x-bake": bake}
    extra: dict[str, Any] = {key: text for key, text in effects.items() if text}
    info: FieldInfo = Field(description=description, examples=list(examples) or None, json_schema_extra=extra)
    return info


def by_key(*keys: str, otherwise: str = "", expected: str) -> Discriminator:
    """Chooses a variant by the first of `keys` that is there; tags are `<key>`."""

    def choose(value: object) -> str | None:
        if isinstance(value, Mapping):
            present = next((key for key in keys if key in value), otherwise)
        elif isinstance(value, Entry):
            present = next((key for key in keys if hasattr(value, key)), otherwise)
        else:
            return None
        return f"<{present}>" if present else None

    return Discriminator(choose, custom_error_type=NO_VARIANT_KEY, custom_error_message=expected)


def by_shape(*, expected: str, **shapes: tuple[type, ...]) -> Discriminator:
    """Chooses a variant by the value's exact type; tags are `<name>`."""

    def choose(value: object) -> str | None:
        return next((f"<{tag}>" for tag, types in shapes.items() if type(value) in types), None)

    return Discriminator(choose, custom_error_type=NO_VARIANT_SHAPE, custom_error_message=expected)
