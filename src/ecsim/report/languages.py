"""What differs between the languages of a report beside its words: names of its files, and what can be drawn."""

from __future__ import annotations

from ecsim.analysis.text.words import Words, words_of
from ecsim.report import style

FIGURES = "figures"


def drawable(words: Words) -> Words:
    """The words of figures: English where Chinese cannot be drawn."""
    return words if words.lang == "en" or style.has_cjk() else words_of("en", words.titles, words.senses)


def warnings(words: Words) -> list[str]:
    """That figures are in English though the page is not, where it is so."""
    return [] if drawable(words) == words else [words("note.cjk")]


def file_name(name: str, ending: str, words: Words) -> str:
    """Name of a file in a language: one for each, so that none overwrites that of another."""
    return f"{name}.{ending}" if words.lang == "en" else f"{name}.{words.lang}.{ending}"


def figures_folder(words: Words) -> str:
    """Folder of the figures of a page: one for each language, so that no report overwrites those of another."""
    return FIGURES if words.lang == "en" else f"{FIGURES}-{words.lang}"
