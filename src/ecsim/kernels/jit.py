"""The compiler of the kernels: what it compiled is kept on disk, or in memory where no folder can be written."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from numba import njit


def kernel(function: Callable[..., Any]) -> Callable[..., Any]:
    """Compile a function at its first call. Rounding is that of IEEE arithmetic in the order written."""
    options: dict[str, Any] = {"nogil": True, "error_model": "numpy"}
    try:
        compiled: Callable[..., Any] = njit(cache=True, **options)(function)
    except RuntimeError:  # no folder for the cache
        compiled = njit(**options)(function)
    return compiled
