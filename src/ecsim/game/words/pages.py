"""Texts of the pages."""

from __future__ import annotations

TEXTS: dict[str, tuple[str, str]] = {}
