"""One kind of error for whatever a user can get wrong: one line that says what, where and what is accepted.

The lines that are met most often have a Chinese twin, which the command line shows to who asked for Chinese; the others are in English.
"""

# ruff: noqa: RUF001 (Chinese punctuation)
from __future__ import annotations

import difflib
from collections import Counter
from collections.abc import Iterable

MOST_NAMES = 24  # of accepted names, more are shown by group or by likeness
KINDS = {  # what can be unknown, in Chinese; another kind stays as it is
    "key": "键",
    "choice": "选项",
    "parameter": "参数",
    "command": "命令",
    "topic": "主题",
    "language": "语言",
    "design": "设计",
    "policy": "政策",
    "outcome": "结果",
    "state": "国家",
    "product": "产品",
    "company": "企业",
    "tool": "工具",
    "move": "举措",
}
TWINS = {  # the Chinese of a line, by what is wrong
    "unknown": "{where}：没有“{given}”这个{what}{hint}；可用：{accepted}{more}",
    "meant": "{where}：没有“{given}”这个键；是否指“{near}”？",
    "hint": "（是否指“{near}”？）",
    "more": "，另有{n}个",
    "twice": "{key}：设了两次，“{first}”和“{second}”；可用：其中之一",
    "override": "“{word}”不是设定；可用：键=值，如 policy=blanket",
    "switch": "{where}：“{value}”不是开关；可用：true、false",
    "number": "{where}：“{value}”不是数；可用：{accepted}",
    "whole": "{where}：{value} 不是整数；可用：{accepted}",
    "range": "{where}：{value:g} 超出范围；可用：{accepted}",
    "plausible": "{accepted}（合理范围），最宽 {lowest:g} 至 {highest:g}",
    "ends": "{lo:g} 至 {hi:g}{unit}",
    "finished": "out：“{folder}”中已有完成的研究；可用：新的或空的文件夹，或中断的研究的文件夹",
    "filled": "out：“{folder}”不是空的；可用：新的或空的文件夹",
    "closed": "out：无法写入“{folder}”（{why}）；可用：可以写入的文件夹",
    "no runs": "{folder}：此处没有 {runs}；可用：研究的结果文件夹",
    "no folder": "{folder}：没有这个文件夹；可用：研究的结果文件夹",
    "a file": "{folder}：这是文件；可用：研究的结果文件夹",
    "command": "没有“{given}”这个命令{hint}；可用：{accepted}，或 Hydra 的设定，如 policy=blanket",
}
PLACES = {"override": "设定", "configuration": "配置", "sweep": "扫描"}


class UserError(Exception):
    """Bad input. Its text is the one line a user sees; the command line exits with code 2.

    Args:
        text: the line.
        zh: the same in Chinese, where there is a twin.
    """

    def __init__(self, text: str, zh: str = "") -> None:
        super().__init__(text)
        self.zh = zh

    def told(self, lang: str) -> str:
        """The line in a language, or in English."""
        return self.zh if lang == "zh" and self.zh else str(self)


def unknown(where: str, what: str, given: object, accepted: Iterable[str]) -> UserError:
    """An error for a name that is not among the accepted ones, with a suggestion when one is close.

    A long list of dotted names ("innovation.stretch") is shown by group; another long list by the names most alike.

    Args:
        where: the file, key or move in which the name stands.
        what: the kind of thing named, for example "state".
        given: the name as given.
        accepted: the names that would do.
    """
    names = sorted(accepted)
    near = difflib.get_close_matches(str(given), names, n=1)
    hint = f"; did you mean '{near[0]}'?" if near else ""
    shown, n = _shown(names, str(given))
    told = {"where": where, "given": given, "what": KINDS.get(what, what), "accepted": shown}
    twin = chinese("unknown", **told, hint=chinese("hint", near=near[0]) if near else "", more=chinese("more", n=n) if n else "")
    return UserError(f"{where}: unknown {what} '{given}'{hint}; accepted: {shown}{f' and {n} more' if n else ''}", twin)


def chinese(wrong: str, **values: object) -> str:
    """The Chinese twin of a line, filled in; a place such as "configuration: time.quarters" is told part by part."""
    if "where" in values:
        values["where"] = "：".join(PLACES.get(part, part) for part in str(values["where"]).split(": "))
    return TWINS[wrong].format(**values)


def twice(key: str, first: object, second: object) -> UserError:
    """An error for a key that is given two values, of which one would be left aside without a word."""
    twin = chinese("twice", key=key, first=first, second=second)
    return UserError(f"{key}: set twice, to '{first}' and to '{second}'; accepted: one of them", twin)


def _shown(names: list[str], given: str) -> tuple[str, int]:
    """Accepted names as text, and how many are not shown."""
    if len(names) <= MOST_NAMES:
        return ", ".join(names), 0
    groups = Counter(name.split(".")[0] for name in names)
    if len(groups) < len(names) and len(groups) > 1:
        return ", ".join(f"{group}.* ({n})" for group, n in groups.items()), 0
    alike = sorted(names, key=lambda name: -difflib.SequenceMatcher(None, given, name).ratio())[:MOST_NAMES]
    return ", ".join(sorted(alike)), len(names) - MOST_NAMES
