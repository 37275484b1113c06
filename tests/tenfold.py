"""Numbers in English and Chinese texts, side by side: a sum of money is ten times as large where it is counted by 亿."""

from __future__ import annotations

import re

import numpy as np

NUMBER = re.compile(r"[\d,]*\.?\d+")


def figures(text: str) -> list[float]:
    """The numbers in a text."""
    return [float(n.replace(",", "")) for n in NUMBER.findall(text)]


def tenfold(english: str, chinese: str) -> bool:
    """Whether a Chinese text has ten times the numbers of an English one, and the same signs."""
    one, two = figures(english), figures(chinese)
    signs = [re.findall("[+−]", text) for text in (english, chinese)]
    return bool(one) and len(one) == len(two) and np.allclose(np.multiply(one, 10), two, rtol=1e-12, atol=1e-12) and signs[0] == signs[1]
