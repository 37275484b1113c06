"""Colours of policies and maps: one for each, told apart by everybody, with text that can be read on them."""

from __future__ import annotations

from typing import Any

import numpy as np
from matplotlib.colors import to_rgb

from ecsim.analysis.text.words import words_of
from ecsim.report import style


def test_policies_keep_their_colour_and_no_two_share_one() -> None:
    labels = ("none", "small_yard", "blanket", "history", "a", "b", "c")
    colours = [style.policy_colour(p, labels) for p in labels]
    assert len(set(colours)) == len(labels)
    assert style.policy_colour("blanket", ("blanket",)) == style.policy_colour("blanket", labels)


# what is left of red, green and blue (linear) for the three kinds of colour blindness: Machado, Oliveira and Fernandes 2009, severity 1
BLIND = {
    "": np.eye(3),
    "protan": [[0.152286, 1.052583, -0.204868], [0.114503, 0.786281, 0.099216], [-0.003882, -0.048116, 1.051998]],
    "deutan": [[0.367322, 0.860646, -0.227968], [0.280085, 0.672501, 0.047413], [-0.011820, 0.042940, 0.968881]],
    "tritan": [[1.255528, -0.076749, -0.178779], [-0.078411, 0.930809, 0.147602], [0.004733, 0.691367, 0.303900]],
}
TO_XYZ = np.array([[0.4124, 0.3576, 0.1805], [0.2126, 0.7152, 0.0722], [0.0193, 0.1192, 0.9505]])


def apart(one: str, two: str, kind: str = "") -> float:
    """Distance of two colours in CIELAB, as people with a kind of colour blindness see them."""

    def lab(colour: str) -> Any:
        rgb = np.array(to_rgb(colour))
        linear = np.where(rgb <= 0.04045, rgb / 12.92, ((rgb + 0.055) / 1.055) ** 2.4)
        xyz = TO_XYZ @ np.clip(np.array(BLIND[kind]) @ linear, 0, 1) / (0.9505, 1.0, 1.089)
        x, y, z = np.where(xyz > 0.008856, np.cbrt(xyz), 7.787 * xyz + 16 / 116)
        return np.array([116 * y - 16, 500 * (x - y), 200 * (y - z)])

    return float(np.linalg.norm(lab(one) - lab(two)))


def test_better_and_worse_are_no_policy_s_colours_and_are_told_apart_by_everybody() -> None:
    for pair in ((style.BETTER, style.WORSE), (style.PLUS, style.LESS)):
        assert min(apart(*pair, kind=kind) for kind in BLIND) > 25
        assert min(apart(colour, policy) for colour in pair for policy in style.POLICY_COLOURS.values()) > 25
    assert min(apart(c, p) for c in (style.BETTER, style.WORSE) for p in style.MORE_COLOURS) > 15
    for lang, words in (("en", ("purple", "ochre")), ("zh", ("紫", "赭"))):
        said = [words_of(lang)(key).lower() for key in ("key.how.colour.none", "key.how.colour.mean", "fig.scorecard.caption")]
        assert all(word in text for text in said for word in words)


def test_text_can_be_read_on_every_colour_of_a_map() -> None:
    for colours in (style.two_sided(style.WORSE, style.BETTER), style.two_sided(style.LESS, style.PLUS), style.one_sided(style.WORSE)):
        for x in np.linspace(0, 1, 41):
            light = sorted((style.brightness(colours(x)), style.brightness(style.text_on(colours(x)))))
            assert (light[1] + 0.05) / (light[0] + 0.05) > 4.1  # where ink and white read alike
