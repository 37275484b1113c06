"""Hydra's grammar of overrides, read with Hydra's own parser: single values, and sweeps by choice, range, glob and interval."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from hydra.core.override_parser.overrides_parser import OverridesParser
from hydra.core.override_parser.types import ChoiceSweep, Glob, IntervalSweep, Override, Quote, QuotedString, RangeSweep, Transformer
from hydra.errors import HydraException

from ecsim.errors import UserError, chinese, twice

MOST_VALUES = 1_000_000  # of one sweep
_REFERENCE = re.compile(r"(\\*)\$\{")  # what OmegaConf would look up, with the backslashes before it


def parse(overrides: Iterable[str]) -> list[Override]:
    """Parsed overrides.

    Raises:
        UserError: a word that is no override.
    """
    parser = OverridesParser.create()
    parsed = []
    for word in overrides:
        try:
            parsed.append(parser.parse_override(word))
        except HydraException as error:
            twin = chinese("override", word=word)
            raise UserError(f"'{word}': not an override; accepted: key=value, such as policy=blanket", twin) from error
    return parsed


def key_of(o: Override) -> str:
    """Dotted key of an override."""
    return str(o.key_or_group).replace("/", ".")


def quoted(text: object) -> str:
    """A text as the value of an override that stands for it and nothing else, whatever characters it has."""
    kept = _REFERENCE.sub(lambda found: 2 * found[1] + r"\${", str(text))
    return QuotedString(kept, Quote.single).with_quotes()


def written(value: Any) -> str:
    """A plain value, as YAML gives it, as the value of an override."""
    if isinstance(value, str):
        return quoted(value)
    if isinstance(value, Mapping):
        return "{" + ",".join(f"{quoted(key)}:{written(part)}" for key, part in value.items()) + "}"
    if isinstance(value, (list, tuple)):
        return "[" + ",".join(map(written, value)) + "]"
    return "null" if value is None else str(value).lower()


def without(words: Iterable[str], *keys: str) -> list[str]:
    """Words but for those that set one of some keys."""
    return [word for word in words if key_of(parse([word])[0]) not in keys]


def check_once(overrides: Iterable[str]) -> None:
    """Refuse a key that a user sets twice: Hydra would take the later value, for files and single keys alike, without a word.

    Raises:
        UserError: two values for one key; the same one twice may pass.
    """
    found: dict[str, Override] = {}
    for o in parse(overrides):
        first = found.setdefault(key_of(o), o)
        if (first.is_delete(), _plain(first.value())) != (o.is_delete(), _plain(o.value())):
            raise twice(key_of(o), _written(first), _written(o))


def _written(o: Override) -> str:
    if o.is_delete():
        return str(o.input_line)
    value = o.value()
    return value if isinstance(value, str) else str(o.input_line).partition("=")[2]


def overridden(words: Sequence[str], later: Sequence[str]) -> list[str]:
    """Words of a file or a stored study and later ones, which stand in the place of those with the same key."""
    return [*without(words, *(key_of(o) for o in parse(later))), *later]


def interval_of(o: Override) -> tuple[float, float] | None:
    """Ends of "key=interval(lo,hi)", which a design fills; None for any other override.

    Raises:
        UserError: ends that are no numbers in order.
    """
    value = o.value()
    if not isinstance(value, IntervalSweep):
        return None
    lo, hi = value.start, value.end
    if lo is None or hi is None or not lo < hi:
        raise UserError(f"{key_of(o)}: interval({lo},{hi}) will not do; accepted: two numbers, the smaller first")
    return float(lo), float(hi)


def sweep_values(o: Override, names: Sequence[str]) -> list[Any]:
    """The values of a sweep, in order.

    Args:
        o: a sweep by choice, range or glob.
        names: what a glob is matched against.

    Raises:
        UserError: a sweep without values, in random order, or with too many values.
    """
    key, value = key_of(o), o.value()
    if isinstance(value, Glob):
        found = [name for name in value.filter(list(names)) if name != "none" or "none" in value.include]
        if not found:
            raise UserError(f"{key}: nothing matches {o.get_value_element_as_str()}; accepted: {', '.join(names) or 'a list of values'}")
        return found
    if isinstance(value, ChoiceSweep | RangeSweep) and value.shuffle:
        raise UserError(f"{key}: shuffle makes no difference here; accepted: the same sweep without it")
    if isinstance(value, RangeSweep) and _length(value) > MOST_VALUES:
        raise UserError(f"{key}: a range of more than {MOST_VALUES:,} values; accepted: a larger step")
    values = [_plain(v) for v in o.sweep_iterator(transformer=Transformer.identity)]
    if not values:
        given = str(o.input_line).partition("=")[2]
        raise UserError(f"{key}: '{given}' is empty; accepted: values such as 0,0.5,1 or range(0,1.01,0.1)")
    return [round(v, 12) if isinstance(v, float) else v for v in values]


def _length(value: RangeSweep) -> float:
    if value.start is None or value.stop is None:
        return 0.0
    return abs(value.stop - value.start) / max(abs(value.step), 1e-300)


def _plain(value: Any) -> Any:
    if isinstance(value, QuotedString):
        return value.text
    if isinstance(value, list):
        return [_plain(v) for v in value]
    if isinstance(value, dict):
        return {str(_plain(k)): _plain(v) for k, v in value.items()}
    return value
