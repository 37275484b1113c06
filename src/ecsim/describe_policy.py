"""Tables of what governments have to choose from, in English and Chinese: toolkit, instruments, objectives, players, counsel, alliances."""

from __future__ import annotations

import csv
from collections.abc import Callable, Mapping
from importlib import resources
from typing import TYPE_CHECKING, Any

from ecsim.analysis.text.sources_zh import source_zh
from ecsim.errors import unknown
from ecsim.shown import shown_in

if TYPE_CHECKING:
    from ecsim.tools import Tool

Rows = list[dict[str, Any]]
LANGUAGES = ("en", "zh")
YEARLY = "USD bn a year"
COST = f"cost beside funds and stocks, {YEARLY}"
PLAYERS_ZH = {"policy": "管制方", "response": "应对方", "alliance": "联盟"}
REACH_ZH = {"domestic": "境内", "extraterritorial": "域外", "multilateral": "多边"}
USERS_ZH = {"incumbent": "守成大国", "challenger": "新兴大国", "ally": "盟友"}
RULES_ZH = {"consensus": "协商一致", "national": "各国立法", "talks": "对话"}
PAPERS_ZH = {"Li et al. 2024": "李莉等（2024）", "Wu 2026": "伍梓萌（2026）"}
FIRMS = "firms"  # class of what companies do by themselves: no instrument of a government
LEVERS_ZH = {
    "capacity": "管制能力",
    "precision": "精准度",
    "detection": "查获泄漏",
    "over_compliance": "过度合规",
    "delay": "审批时间",
    "leak": "意外泄漏",
    "compliance_cost": "合规成本",
    "subsidy": "资金投入",
    "alignment": "盟友协同",
    "anticipation": "可预见性",
}
HEADINGS_ZH = {
    "name": "英文名",
    "class": "类别",
    "agency": "执行部门",
    "basis": "依据",
    "layers": "作用对象",
    "reach": "触及范围",
    "users": "使用者",
    "grounds": "理由",
    "acts by": "作用渠道",
    "moves": "预期变化",
    "instruments": "计为政策工具",
    "row": "表1行号",
    "source": "来源",
    "tool": "工具",
    "tools": "工具",
    "group": "组别",
    "instrument": "工具名称",
    "meaning": "内涵",
    "codes": "条文数",
    "share": "占比",
    "codes of class": "类别合计",
    "share of class": "类别占比",
    "acts on": "作用于",
    "objective": "政策目标",
    "choice": "选项",
    "about": "说明",
    "counsel": "编号",
    "paper": "论文",
    "advice": "建议",
    "component": "组件",
    COST: f"资金与储备之外的公共成本（{shown_in('zh', YEARLY).name}）",
    "starts, quarters": "开始（季度）",
    "alliance": "联盟",
    "since": "起",
    "until": "止",
    "decides by": "决策规则",
    "lag, months": "时滞（月）",
    "domains": "领域",
    "members": "成员",
    "institute": "机构",
    "state": "国家",
    "kind": "类型",
    "evidence": "证据",
}


def tools(lang: str) -> Rows:
    """Tools of the sanctions toolkit: class, agency, layers, reach, grounds, channels, what each is expected to move."""
    from ecsim.documents.instruments import instruments as known
    from ecsim.tools import CATALOGUE, CLASSES_ZH, LAYERS_ZH

    def word(table: Mapping[str, str], x: str) -> str:
        return table.get(x, x) if lang == "zh" else x

    agencies, grounds = words_zh("agency"), words_zh("ground")
    channels, indicators = (words_zh(kind) if lang == "zh" else {} for kind in ("channel", "indicator"))
    instrument_names = {i.id: i.name_zh for i in known()} if lang == "zh" else {}
    mark = "、" if lang == "zh" else ", "
    return [
        {
            "tool": t.id,
            "name": t.name_en,
            "中文": t.name_zh,
            "class": word(CLASSES_ZH, t.cls),
            "agency": agencies[t.agency] if lang == "zh" else t.agency,
            "layers": mark.join(word(LAYERS_ZH, x) for x in t.layers),
            "reach": word(REACH_ZH, t.reach),
            "users": mark.join(word(USERS_ZH, x) for x in t.users),
            "grounds": mark.join(grounds[g] if lang == "zh" else g for g in t.grounds),
            "acts by": mark.join(channels.get(x, x) for x in _channels(t)),
            "moves": (mark if lang == "zh" else " ").join(x[0] + indicators.get(x[1:], x[1:]) for x in t.expects),
            "instruments": mark.join(instrument_names.get(x, x) for x in t.instruments),
            "row": t.row,
            "basis": _source(t.basis, lang),
            "source": _source(t.source, lang),
        }
        for t in CATALOGUE.values()
    ]


def _channels(tool: Tool) -> tuple[str, ...]:
    """Through what a tool acts, each once: rules, channels of measures, or the record alone."""
    from ecsim.tools import Control

    return tuple(dict.fromkeys("rule" if isinstance(m, Control) else m.channel for m in tool.makes)) or ("record",)


def toolkit(lang: str) -> Rows:
    """Table 1 of the first paper (Li et al. 2024) as printed, with the tools of the model that stand for each row."""
    own = "_zh" if lang == "zh" else ""
    return [
        {
            "row": r["row"],
            "class": r[f"class{own}"],
            "group": r[f"group{own}"],
            "name": r["name"],
            "中文": r["name_zh"],
            "agency": r[f"agency{own}"],
            "layers": r[f"layers{own}"],
            "tools": r["tools"].replace(";", ", "),
        }
        for r in _read("paper_table1.csv")
    ]


def instruments(lang: str) -> Rows:
    """Tables 2 and 3 of the second paper (Wu 2026): 18 instruments in 5 classes, meaning, counts; what each acts on; its tools."""
    from ecsim.documents.instruments import CLASSES_EN
    from ecsim.documents.instruments import instruments as known
    from ecsim.tools import CATALOGUE

    meaning = {r["instrument"]: r[f"meaning_{lang}"] for r in _read("instrument_meanings.csv")}
    counts = {r["instrument"]: r for r in _read("instruments.csv")}
    return [
        {
            "instrument": i.id,
            "name": i.name_en,
            "中文": i.name_zh,
            "class": i.class_zh if lang == "zh" else CLASSES_EN[i.cls],
            "meaning": meaning[i.id],
            "codes": i.count,
            "share": f"{counts[i.id]['share_pct']}%",
            "codes of class": counts[i.id]["class_count"],
            "share of class": f"{counts[i.id]['class_share_pct']}%",
            "acts on": "、".join(LEVERS_ZH[x] for x in i.effects) if lang == "zh" else ", ".join(i.effects),
            "tools": ", ".join(t.id for t in CATALOGUE.values() if i.id in t.instruments and t.cls != FIRMS),
        }
        for i in known()
    ]


def objectives(lang: str) -> Rows:
    """Table 4 of the second paper (Wu 2026): the two objectives, meaning and counts."""
    return [
        {
            "objective": r["objective"],
            "name": r["name_en"],
            "中文": r["name_zh"],
            "meaning": r[f"meaning_{lang}"],
            "codes": r["count"],
            "share": f"{r['share_pct']}%",
            "source": _source(r["source"], lang),
        }
        for r in _read("objectives.csv")
    ]


def strategies(lang: str) -> Rows:
    """Who plays: policies of the incumbent, responses of the challenger, alliances."""
    from ecsim.composing import choices
    from ecsim.places import conf_dir

    told = {(r["group"], r["choice"]): r for r in _read("strategy_names.csv")}
    rows = []
    for group, group_zh in PLAYERS_ZH.items():
        for choice in choices(group):
            own = told.get((group, choice), {"name_en": choice, "name_zh": choice, "about_zh": ""})
            about = own["about_zh"] if lang == "zh" else _comment(conf_dir() / group / f"{choice}.yaml")
            named = {"choice": choice, "name": own["name_en"], "中文": own["name_zh"], "about": about}
            rows.append({"group": group_zh if lang == "zh" else group, **named})
    return rows


def counsel(lang: str) -> Rows:
    """The counsel of both papers: each recommendation, the components of `response.components` that carry it out, their cost."""
    from ecsim.strategies.advice import ADVICE, recommendations

    rows = []
    for r in recommendations():
        for name in r["components"].split(";"):
            a = ADVICE[name]
            rows.append(
                {
                    "counsel": r["counsel"],
                    "paper": PAPERS_ZH[r["paper"]] if lang == "zh" else r["paper"],
                    "advice": r["text_zh"] if lang == "zh" else r["text_en"],
                    "component": name,
                    "name": a.name_en,
                    "中文": a.name_zh,
                    "tools": ", ".join(a.tools),
                    "starts, quarters": f"{a.delay.value:g}" if a.delay.value >= 0 else "–",
                    COST: f"{a.cost.value:g} ({a.cost.lo:g}–{a.cost.hi:g})" if a.cost.value else "–",
                }
            )
    return rows


def alliances(lang: str) -> Rows:
    """Alliances and regimes: since when, how each decides, domains, lag on record, members that the model has."""
    from ecsim.strategies.clubs import clubs
    from ecsim.tools import display_names, vocabulary

    names, fields = display_names(lang), words_zh("domain") if lang == "zh" else {}
    mark = "、" if lang == "zh" else ", "
    return [
        {
            "alliance": c.id,
            "name": c.name_en,
            "中文": c.name_zh,
            "since": c.year,
            "until": c.end_year or "",
            "decides by": RULES_ZH[c.rule] if lang == "zh" else c.rule,
            "domains": mark.join(fields.get(x, x) for x in c.domains),
            "lag, months": "" if c.lag_months is None else f"{c.lag_months:g}",
            "members": mark.join(names[s] for s in c.shares(vocabulary("state"))),
            "source": _source(c.source, lang),
        }
        for c in clubs().values()
    ]


def institutes(lang: str) -> Rows:
    """Universities and institutes that can be listed, with their share of their state's academic research."""
    from ecsim.tools import display_names

    names = display_names(lang)
    bodies, evidence = (words_zh(kind) if lang == "zh" else {} for kind in ("body", "evidence"))
    return [
        {
            "institute": r["institute"],
            "中文": r["name_zh"],
            "state": names[r["state"]] if lang == "zh" else r["state"],
            "kind": bodies.get(r["kind"], r["kind"]),
            "share": r["share"],
            "evidence": evidence.get(r["evidence"], r["evidence"]),
            "source": _source(r["source"], lang),
        }
        for r in _read("institutes.csv")
    ]


BILINGUAL: dict[str, Callable[[str], Rows]] = {
    f.__name__: f for f in (tools, toolkit, instruments, objectives, strategies, counsel, alliances, institutes)
}


def bilingual_rows(topic: str, lang: str) -> Rows:
    """The rows of a topic of governments, under the headings of a language.

    Raises:
        UserError: unknown language.
    """
    if lang not in LANGUAGES:
        raise unknown("describe", "language", lang, LANGUAGES)
    rows = BILINGUAL[topic](lang)
    return headed(rows, HEADINGS_ZH) if lang == "zh" else rows


def headed(rows: Rows, headings: Mapping[str, str]) -> Rows:
    """Rows under Chinese headings; sums of money change their unit together with their heading."""
    return [
        {headings.get(key, key): shown_in("zh", YEARLY).text(value) if YEARLY in key else value for key, value in row.items()}
        for row in rows
    ]


def words_zh(kind: str) -> dict[str, str]:
    """Words of a kind (agency, ground, body, evidence, channel, indicator, domain) in Chinese."""
    return {r["en"]: r["zh"] for r in _read("policy_words.csv") if r["kind"] == kind}


def _source(source: str, lang: str) -> str:
    """Where something is from, or rests on in law."""
    return source_zh(source) if lang == "zh" else source


def _read(name: str) -> list[dict[str, str]]:
    with resources.files("ecsim").joinpath("data", name).open(encoding="utf-8") as file:
        return list(csv.DictReader(file))


def _comment(path: Any) -> str:
    """The first comment line of a file; nothing for a scenario or a file of a user's own folder."""
    if not path.exists():
        return ""
    first = path.read_text(encoding="utf-8").splitlines()[0]
    return str(first).lstrip("# ").rstrip() if first.startswith("#") else ""
