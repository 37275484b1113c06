"""Texts of the after-action report."""

from __future__ import annotations

TEXTS: dict[str, tuple[str, str]] = {}
