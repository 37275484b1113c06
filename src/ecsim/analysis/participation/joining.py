"""Who joins where by extent: members in their order, by their shares of the supply of what is controlled."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
import pandas as pd

COLUMNS = ["member", "share", "joins_from", "joins_to"]
NEAR = 1e-9  # of participation, within which two levels are one


def joining_table(supply: Mapping[str, float]) -> pd.DataFrame:
    """member, in joining order, share (of the members' supply), joins_from, joins_to (participation over which it joins by extent)."""
    shares = np.array(list(supply.values()), dtype=float)
    reached = np.cumsum(shares)
    columns = {"member": list(supply), "share": shares, "joins_from": reached - shares, "joins_to": reached}
    return pd.DataFrame(columns, columns=COLUMNS)


def between(t: pd.DataFrame, start: float, end: float, marginal: str) -> tuple[list[str], list[str]]:
    """Who joins wholly, and who in part, between two levels by extent; where none joins in part, each does at half of its own share."""
    first, last = t["joins_from"], t["joins_to"]
    if marginal == "whole":
        middle = (first + last) / 2
        return list(t["member"][(middle > start + NEAR) & (middle <= end + NEAR)]), []
    inside = (first >= start - NEAR) & (last <= end + NEAR)
    touched = (last > start + NEAR) & (first < end - NEAR)
    return list(t["member"][inside]), list(t["member"][touched & ~inside])
