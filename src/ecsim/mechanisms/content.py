"""Content and tools of foreign origin: what de minimis and foreign-direct-product rules test."""

from __future__ import annotations

import numpy as np

from ecsim.economy import Array
from ecsim.mechanisms.base import Phase, mechanism
from ecsim.world import CHALLENGER, INCUMBENT, World

ISSUERS = (INCUMBENT, CHALLENGER)
TINY = 1e-12


@mechanism(
    Phase.PERMIT,
    reads="weight supplier content tool_use shed",
    writes="content tool_use",
    source="Farrell and Newman (leverage); EAR 734.3, 734.9",
)
def content(w: World) -> None:
    """Content and tool origin pass one link down the chain each quarter."""
    w.content[:], w.tool_use[:] = relax(w)


def relax(w: World) -> tuple[Array, Array]:
    """One relaxation of content and tool use, each of shape (N, I).

    Content: what is added at home in the issuing state, plus the content of inputs by their cost share. Tool
    use: the share of capital goods and software made by the issuer's industry; where a firm has none of its
    own (a designer that buys wafers), that of its suppliers. Both shrink by what the firm has designed out.
    """
    e = w.economy
    n = e.n_firms
    content, tools = np.empty_like(w.content), np.empty_like(w.tool_use)
    added = np.maximum(0.0, 1.0 - np.bincount(e.slot_firm, weights=e.coef, minlength=n))
    own = np.bincount(e.slot_firm, weights=e.coef * e.equips, minlength=n)
    bought = np.bincount(e.slot_firm, weights=e.coef, minlength=n)
    for i, issuer in enumerate(ISSUERS):
        inflow = e.coef * (w.weight * w.content[w.supplier, i]).sum(axis=1)
        content[:, i] = (e.location == issuer) * added + np.bincount(e.slot_firm, weights=inflow, minlength=n)
        origin = np.maximum(e.owner == issuer, w.content[:, i])
        equipment = e.coef * e.equips * (w.weight * origin[w.supplier]).sum(axis=1)
        indirect = e.coef * (w.weight * w.tool_use[w.supplier, i]).sum(axis=1)
        direct_share = np.bincount(e.slot_firm, weights=equipment, minlength=n) / np.maximum(own, TINY)
        indirect_share = np.bincount(e.slot_firm, weights=indirect, minlength=n) / np.maximum(bought, TINY)
        tools[:, i] = np.where(own > TINY, direct_share, indirect_share)
    keep = 1.0 - w.shed
    return np.clip(content * keep, 0.0, 1.0), np.clip(tools * keep, 0.0, 1.0)
