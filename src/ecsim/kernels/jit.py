"""The compiler of the kernels: what it compiled is kept on disk, or in memory where no folder can be written."""

from __future__ import annotations

import inspect
from collections.abc import Callable, Iterator, Sequence
from contextlib import suppress
from functools import cached_property
from typing import Any

from numba import njit
from numba.core.caching import FunctionCache
from numba.core.runtime.nrt import rtsys

from ecsim.arguments import ALL, DRAWS, KINDS, Names
from ecsim.kernels.kept import JOINED, MODEL, announce, digest, digest_of_sources, sources
from ecsim.world import World

SOME, UPSTREAM = "some_", "upstream_"  # beginnings of the names of the rows that a kernel works on, in any order and in theirs
FEW = 10  # kernels that are compiled together within a few seconds
COUNTED: dict[str, Any] = {"_nrt": True}  # whether to count who holds an array; an option of the compiler that its type stubs leave out
"""Said outright: a kernel would otherwise take it from the joined function that it is compiled for, and could make no array."""
UNCOUNTED: dict[str, Any] = {"_nrt": False}
"""For what makes and returns no array: its caller holds those it is given."""


class Kept(FunctionCache):
    """What was compiled, on disk, as numba keeps it (its option `cache`).

    Numba readies the whole compiler before it reads, with all that it could compile; that takes a third of a second, and what was compiled
    needs only the counting of who holds an array. The compiler readies itself when something is to be compiled. Where another numba is made
    otherwise, it reads as it would.

    Args:
        function: the function.
        long: whether compiling it takes so long that it is said.
    """

    def __init__(self, function: Callable[..., Any], *, long: bool = False) -> None:
        super().__init__(function)  # type: ignore[no-untyped-call]
        self._long = long

    def _index_key(self, sig: Any, codegen: Any) -> tuple[Any, ...]:
        """What tells compiled forms apart: also all that they were made of, where numba looks at the file of the function alone."""
        return (*super()._index_key(sig, codegen), digest_of_sources())  # type: ignore[no-untyped-call]

    def load_overload(self, sig: Any, target_context: Any) -> Any:
        """What was compiled for these types; None where nothing was."""
        found = self._read(sig, target_context)
        if found is None and self._long:  # of this source something is kept, but for arguments of other types
            announce(MODEL)
        return found

    def _read(self, sig: Any, target_context: Any) -> Any:
        try:
            rtsys.initialize(target_context)
            with self._guard_against_spurious_io_errors():
                return self._load_overload(sig, target_context)  # type: ignore[no-untyped-call]
        except AttributeError:
            return super().load_overload(sig, target_context)  # type: ignore[no-untyped-call]


def alone(function: Callable[..., Any], holding: dict[str, Any] = COUNTED, *, long: bool = False) -> Any:
    """Compile a function at its first call from Python, and keep that. Rounding is that of IEEE arithmetic in the order written."""
    compiled = kernel(function, holding)
    with suppress(RuntimeError):  # no folder for the cache
        compiled._cache = Kept(function, long=long)
    return compiled


def kernel(function: Callable[..., Any], holding: dict[str, Any] = COUNTED, *, put_in: bool = False) -> Any:
    """The same for what is called from compiled code: it is compiled with its caller, and kept with that alone."""
    compiled: Any = njit(nogil=True, error_model="numpy", forceinline=put_in, **holding)(function)
    compiled.names = Names(inspect.signature(function).parameters)
    return compiled


def part(function: Callable[..., Any]) -> Any:
    """The same for a small part of a kernel, put in where it is called.

    It may not make arrays: counting who holds those it is given would take longer than most parts do, and is left out.
    """
    return kernel(function, UNCOUNTED, put_in=True)


class Run:
    """Kernels as one mechanism, or several that follow each other as one compiled call.

    Args:
        kernels: the kernels.
        doc: what they do; by default what the first one does.
        between: kernels that go between a quarter and the next, where they are of a quarter and several are played in one go.
    """

    def __init__(self, *kernels: Any, doc: str | None = None, between: Sequence[Any] | None = None) -> None:
        self.kernels = kernels
        self.between = between
        self._after: dict[int, Names] = {}
        self.__doc__ = doc or kernels[0].__doc__

    @cached_property
    def call(self) -> Any:
        """The compiled call; most kernels are only ever played with others."""
        return joined(self.kernels, self.between)

    def __call__(self, w: World, *more: Any) -> Any:
        """Run them; `more` stands before what is found in the world. What a single kernel returns is returned."""
        return self.call(*more, *w.arguments.of(w, self._names_after(len(more))))

    def _names_after(self, first: int) -> Names:
        """Names of the parameters after so many."""
        if first not in self._after:
            self._after[first] = Names(self.call.names[first:])
        return self._after[first]


def joined(kernels: Sequence[Any], between: Sequence[Any] | None = None) -> Any:
    """One compiled function that calls some kernels in their order, with the parameters of all.

    Its name carries a digest of the kernels' source: what was compiled of another source is not taken for it.

    Args:
        kernels: the kernels.
        between: where the function plays all quarters from `now` to `until`, what goes between two of them.
    """
    again = between is not None
    names = list(dict.fromkeys(_of_all(name) if again else name for k in (*kernels, *(between or ())) for name in k.names))
    room: dict[str, Any] = {"__name__": __name__}
    lines = []
    for name in filter(_kind, names):
        lines.append(f"of_{name} = {name}_kind({', '.join(f'{name}[{i}]' for i in range(len(_kind(name)._fields)))})")
        room[f"{name}_kind"] = _kind(name)
    if again:
        names += [name for name in ("now", "until") if name not in names]
        lines += ["first = now[0]", "for quarter in range(first, until[0]):", "    now[0] = quarter"]
        lines += [f"    {call}" for call in _calls("kernel", kernels, room, again=True)]
        lines += ["    if quarter + 1 < until[0]:", "        now[0] = quarter + 1"]
        lines += [f"        {call}" for call in _calls("between", between or (), room, again=True)]
    else:
        lines += [f"{'return ' if len(kernels) == 1 else ''}{call}" for call in _calls("kernel", kernels, room)]
    body = "\n".join(f"    {line}" for line in lines)
    name = f"{JOINED}{sources()}_{digest(','.join(names) + body)}"
    exec(compile(f"def {name}({', '.join(names)}):\n{body}\n", __file__, "exec"), room)
    # uncounted: it is given more than a hundred arrays, and counting takes longer than some kernels
    return alone(room[name], UNCOUNTED, long=len(kernels) > FEW)


def _calls(called: str, kernels: Sequence[Any], room: dict[str, Any], *, again: bool = False) -> Iterator[str]:
    """The lines in which a joined function calls some kernels, which are put into its room under a name."""
    for i, k in enumerate(kernels):
        room[f"{called}_{i}"] = k
        yield f"{called}_{i}({', '.join(_given(name, again) for name in k.names)})"


def _of_all(name: str) -> str:
    """The parameter in place of one that is of a quarter, where several are played."""
    return ALL + name if name in DRAWS else name


def _given(name: str, again: bool) -> str:
    """What a kernel is given of an argument of the joined function."""
    if is_rows(name):
        return f"range({name}[0], {name}[1])"
    if again and name in DRAWS:
        return f"{_of_all(name)}[quarter - first]"
    return f"of_{name}" if _kind(name) else name


def is_rows(name: str) -> bool:
    """Whether a parameter is the rows that a kernel works on."""
    return name.startswith((SOME, UPSTREAM))


def _kind(name: str) -> Any:
    """The named tuple of a parameter that is a group of terms."""
    return KINDS.get(name.removeprefix("terms_")) if name.startswith("terms_") else None
