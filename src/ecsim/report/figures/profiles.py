"""What the targets say of each free parameter: the loss along it, with the others at their best."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure

from ecsim.analysis.text.words import Words
from ecsim.report import style
from ecsim.report.figures.base import save

COLUMNS = 4
TOP = 6.0  # of the rise of the loss shown
RISE = 1.0


def draw_profiles(profiles: pd.DataFrame, identifiability: pd.DataFrame, folder: Path, w: Words) -> Path:
    """Draw the profiles as PNG and SVG; returns the PNG.

    Args:
        profiles: parameter, value, loss.
        identifiability: parameter, pinned, value.
        folder: where the files go.
        w: wording.
    """
    names = list(dict.fromkeys(profiles["parameter"]))
    known = identifiability.set_index("parameter")
    rows = -(-len(names) // COLUMNS)
    with style.styled():
        fig = Figure(figsize=(style.WIDTH, 1.2 + 1.9 * rows), layout="constrained")
        FigureCanvasAgg(fig)
        fig.suptitle(w("calibrate.fig"), x=0.01, ha="left", fontsize=13)
        axes = np.atleast_1d(fig.subplots(rows, COLUMNS)).ravel()
        for ax, name in zip(axes, names, strict=False):
            curve = profiles[profiles["parameter"] == name]
            rise = curve["loss"] - curve["loss"].min()
            pinned = bool(known.loc[name, "pinned"]) if name in known.index else True
            colour = style.BETTER if pinned else style.WORSE
            ax.plot(curve["value"], np.minimum(rise, TOP), color=colour, linewidth=2, linestyle="-" if pinned else "--")
            ax.axhline(RISE, color=style.MUTED, linewidth=0.8)
            if name in known.index:
                ax.axvline(float(known.loc[name, "value"]), color=style.MUTED, linewidth=0.8, linestyle=":")
            ax.set_title(f"{w.said(f'factor.{name}', name)}\n{w('calibrate.fig.pinned' if pinned else 'calibrate.fig.open')}", fontsize=8.5)
            ax.set_ylim(0, TOP)
            ax.tick_params(labelsize=8)
        for ax in axes[len(names) :]:
            ax.set_visible(False)
        png, _ = save(fig, folder, "profiles")
    return png
