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
    home = np.stack([e.location == i for i in ISSUERS], axis=1) * 1.0
    origin = np.maximum(np.stack([e.owner == i for i in ISSUERS], axis=1), w.content)
    inputs = np.einsum("ml,mlk->mk", w.weight, np.hstack([w.content, origin, w.tool_use])[w.supplier])
    n = len(ISSUERS)
    content = _by_firm(w, e.coef[:, None] * inputs[:, :n])
    equipment = _by_firm(w, (e.coef * e.equips)[:, None] * inputs[:, n : 2 * n])
    indirect = _by_firm(w, e.coef[:, None] * inputs[:, 2 * n :])
    bought, own = _by_firm(w, np.stack([e.coef, e.coef * e.equips], axis=1)).T
    added = np.maximum(0.0, 1.0 - bought)
    direct = equipment / np.maximum(own, TINY)[:, None]
    through = indirect / np.maximum(bought, TINY)[:, None]
    tools = np.where(own[:, None] > TINY, direct, through)
    keep = 1.0 - w.shed
    return np.clip((home * added[:, None] + content) * keep, 0.0, 1.0), np.clip(tools * keep, 0.0, 1.0)


def _by_firm(w: World, x: Array) -> Array:
    """Sum of slot quantities by firm, shape (N, k)."""
    out = np.zeros((w.economy.n_firms, x.shape[1]))
    if len(w.layout.buyers):
        out[w.layout.buyers] = np.add.reduceat(x, w.layout.starts, axis=0)
    return out
