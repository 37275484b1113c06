"""Plain values, as YAML or a command line give them, into frozen dataclasses, and back."""

from __future__ import annotations

import collections.abc
import dataclasses
import functools
import math
import types
import typing
from collections.abc import Mapping
from typing import Any, TypeVar

from ecsim.errors import UserError, unknown

T = TypeVar("T")

_WORDS = {bool: "true, false", int: "a whole number", float: "a number", str: "a text", type(None): "null"}


def build(cls: type[T], values: Mapping[str, Any], where: str) -> T:
    """A dataclass from plain values, each held against the type of its field.

    Args:
        cls: dataclass whose fields are bool, int, float, str, tuples of one type, mappings from str, or any of these or None.
        values: field name -> plain value.
        where: file or key named in an error.

    Raises:
        UserError: an unknown key, or a value of another type.
    """
    kinds = field_types(typing.cast(Any, cls))
    for key in values:
        if key not in kinds:
            raise unknown(where, "key", key, kinds)
    return cls(**{key: field_value(cls, key, value, where) for key, value in values.items()})


def field_value(cls: Any, key: str, value: Any, where: str) -> Any:
    """A value in the type of a field of a dataclass, which may tell in NUMBERS which numbers its fields accept.

    Raises:
        UserError: it is not of that type.
    """
    return as_type(value, field_types(cls)[key], f"{where}.{key}", str(getattr(cls, "NUMBERS", {}).get(key, "")))


@functools.cache
def field_types(cls: Any) -> dict[str, Any]:
    """Field name -> type."""
    hints = typing.get_type_hints(cls)
    return {f.name: hints[f.name] for f in dataclasses.fields(cls)}


def is_mapping(kind: Any) -> bool:
    """Whether a type is a mapping from names."""
    return typing.get_origin(kind) in (dict, collections.abc.Mapping)


def as_type(value: Any, kind: Any, where: str, accepted: str = "") -> Any:
    """The value in the given type: lists as tuples, whole numbers as floats where a float is wanted.

    Args:
        value: a plain value.
        kind: the type.
        where: file or key named in an error.
        accepted: what is accepted, where more is known of it than the type.

    Raises:
        UserError: it is not of that type.
    """
    inner = typing.get_args(kind)
    if typing.get_origin(kind) in (typing.Union, types.UnionType):
        return None if value is None else as_type(value, next(k for k in inner if k is not type(None)), where, accepted)
    if typing.get_origin(kind) is tuple and isinstance(value, (list, tuple)):
        return tuple(as_type(v, inner[0], where) for v in value)
    if is_mapping(kind) and isinstance(value, Mapping):
        return {str(k): as_type(v, inner[1], f"{where}.{k}") for k, v in value.items()}
    if isinstance(kind, type) and _fits(value, kind):
        return kind(value)
    raise UserError(f"{where}: '{value}' will not do; accepted: {accepted or describe_type(kind)}")


def _fits(value: Any, kind: type) -> bool:
    if kind is bool or isinstance(value, bool):
        return kind is bool and isinstance(value, bool)
    if kind is int:
        return isinstance(value, int) or (isinstance(value, float) and value.is_integer())
    if kind is float:
        return isinstance(value, (int, float)) and not math.isnan(value)
    return isinstance(value, kind)


def describe_type(kind: Any) -> str:
    """What values of a type look like, for an error message."""
    inner = typing.get_args(kind)
    if typing.get_origin(kind) in (typing.Union, types.UnionType):
        return " or ".join(describe_type(k) for k in inner)
    if typing.get_origin(kind) is tuple:
        return f"a list, each {describe_type(inner[0])}"
    return "names with a value each" if is_mapping(kind) else _WORDS[kind]


def plain(value: Any) -> Any:
    """The reverse: dataclasses and tuples as dicts and lists that JSON and YAML can hold."""
    if dataclasses.is_dataclass(value) and not isinstance(value, type):
        return {f.name: plain(getattr(value, f.name)) for f in dataclasses.fields(value)}
    if isinstance(value, Mapping):
        return {str(k): plain(v) for k, v in value.items()}
    return [plain(v) for v in value] if isinstance(value, (list, tuple)) else value
