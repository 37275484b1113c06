"""The sanctions toolkit: a catalogue of tools, and the one door through which moves become policy."""

from __future__ import annotations

from ecsim.params import Number
from ecsim.tools.base import CLASSES_ZH, INDICATORS, LAYERS_ZH, Control, Effect, Tool
from ecsim.tools.catalogue import CATALOGUE, display_names, instrument_classes, sentence, sentences, spoken_names, tool_named, vocabulary
from ecsim.tools.door import enact

__all__ = [
    "CATALOGUE",
    "CLASSES_ZH",
    "INDICATORS",
    "LAYERS_ZH",
    "Control",
    "Effect",
    "Number",
    "Tool",
    "display_names",
    "enact",
    "instrument_classes",
    "sentence",
    "sentences",
    "spoken_names",
    "tool_named",
    "vocabulary",
]
