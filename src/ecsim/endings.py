"""How a study that was asked for on the command line ends: with a report, with an answer, or with verdicts in a language."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

from ecsim.errors import UserError, twice
from ecsim.progress import check_language

if TYPE_CHECKING:
    from ecsim.api import Study

VERDICTS = ("claims", "validate", "structure", "trends")  # studies that end with verdicts in place of a report
ALLIANCE = "alliance"  # which ends with a report and its answer
TARGETS = "targets="  # word of validate that names a file
LANG = "lang="


def language(words: list[str], lang: str = "en") -> tuple[str, list[str]]:
    """The language of a study, and the words of the command line without it.

    Args:
        words: of the command line.
        lang: language, where no word says another.

    Raises:
        UserError: no such language, or two.
    """
    word = _only(LANG, words)
    told = lang if word is None else word
    check_language(told)
    return told, [word for word in words if not word.startswith(LANG)]


def conclusion(command: str, words: list[str], lang: str = "en") -> tuple[Any, list[str]]:
    """How a study ends, where it is not with a report, and the overrides; a file of targets is read before anything is run.

    Args:
        command: of the study.
        words: of the command line; those on targets are taken out.
        lang: language.

    Raises:
        UserError: no such language, or a bad file of targets.
    """
    if command not in (ALLIANCE, *VERDICTS):
        return None, words
    from functools import partial

    from ecsim.analysis.text.words import words_of

    told = words_of(lang)
    if command == ALLIANCE:
        from ecsim.answers import conclude_alliance

        return partial(conclude_alliance, w=told), words
    from ecsim import verdicts
    from ecsim.analysis.targets import read_targets
    from ecsim.grammar import overridden

    ends = {"claims": verdicts.conclude_claims, "structure": verdicts.conclude_structure, "trends": verdicts.conclude_trends}
    if command in ends:
        return partial(ends[command], w=told), words
    file = _only(TARGETS, words)
    targets = read_targets(None if file is None else Path(file))
    kept = [word for word in words if not word.startswith(TARGETS)]
    return partial(verdicts.conclude_targets, targets=targets, w=told), overridden(targets.overrides, kept)


def _only(head: str, words: list[str]) -> str | None:
    """What follows the beginning of a word among others, which may be given once; None where there is no such word.

    Raises:
        UserError: two that differ.
    """
    found = list(dict.fromkeys(word.removeprefix(head) for word in words if word.startswith(head)))
    if len(found) > 1:
        raise twice(head.rstrip("="), found[0], found[1])
    return found[0] if found else None


def own_targets(manifest: dict[str, Any]) -> list[str]:
    """The word that names a file of targets in the command of a stored study."""
    return [word for word in manifest.get("command") or [] if word.startswith(TARGETS)]


def verdicts_again(study: Study, lang: str) -> list[str]:
    """Write the page of verdicts of a stored study, where it ends with them, in a language."""
    if study.command not in VERDICTS:
        return []
    try:
        conclude, _ = conclusion(study.command, own_targets(study.manifest), lang)
    except UserError as error:  # its table of targets is not there any more
        print(f"ecsim: {error}", file=sys.stderr)
        return []
    return [conclude(study).values["report"]]
