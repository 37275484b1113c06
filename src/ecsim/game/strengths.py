"""The size of a measure in words, with the unit of its channel."""

from __future__ import annotations

from ecsim.game.words import say


def strength(channel: str, size: float, lang: str) -> str:
    """The size of a measure with its unit, which hangs on its channel."""
    if channel == "alignment":
        return say(lang, "strength_alignment", size=f"{size:.3g}")
    if channel == "subsidy":
        return say(lang, "strength_subsidy", size=money(size, lang))
    if channel == "stockpile":
        return say(lang, "strength_stockpile", size=f"{size:.3g}")
    key = f"strength_{channel}" if channel in ("shedding", "relocation") else "strength"
    return say(lang, key, size=f"{100.0 * size:.3g}%".replace("-", "\N{MINUS SIGN}"))


def money(billions: float, lang: str) -> str:
    """Billions of US dollars."""
    return f"{10.0 * billions:.3g}亿美元" if lang == "zh" else f"USD {billions:.3g} bn"
