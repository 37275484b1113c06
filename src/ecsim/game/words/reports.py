"""Texts of the after-action report."""

from __future__ import annotations

TEXTS: dict[str, tuple[str, str]] = {
    "report_title": ("After-action report", "复盘报告"),
    "report_head": (
        "Room {room}, line of play {branch}. Scenario {scenario} up to {start}, then {turns} turns of {quarters} quarters.",
        "房间{room}，推演线{branch}。剧本{scenario}至{start}，其后{turns}回合，每回合{quarters}季度。",
    ),
    "report_model": (
        "ecsim {version}, seed {seed}, state {hash}. The log replays to this state.",
        "ecsim {version}，种子{seed}，状态{hash}。日志可重放至此状态。",
    ),
    "report_empty": ("No turn has been played.", "尚未进行任何回合。"),
    "report_decisive": ("Decisive turns", "关键回合"),
    "report_decisive_how": (
        "Each team's moves of each turn were taken out, and the game was played again to its end: {lucks} times on the same luck as the game as played, once the game's own and otherwise redrawn. Other teams' moves are as played; seats of the model answer. Ranked by the mean change over the key indicators.",
        "逐一去除各队每回合的行动并重演至终局：以与原局相同的随机数重演{lucks}次（一次为原局，其余重抽）。他队行动不变，模型席位照常应对。按关键指标平均变化排序。",
    ),
    "report_decisive_head": ("Turn {turn} ({quarters}): {seat}", "第{turn}回合（{quarters}）：{seat}"),
    "report_without": ("Without these moves, at the end:", "若无这些行动，终局时："),
    "report_effect_sure": ("{name}: {change} (all re-runs agree on the direction)", "{name}：{change}（各次重演方向一致）"),
    "report_effect_mixed": (
        "{name}: {change} on average (re-runs differ in direction)",
        "{name}：平均{change}（各次重演方向不一）",
    ),
    "report_no_effect": ("No difference to speak of.", "无明显差异。"),
    "report_no_moves": ("No team made a move.", "没有队伍采取行动。"),
    "report_paths": ("The game against plain policies", "与基准政策比较"),
    "report_paths_how": (
        "From the start of play on, with nobody at the table. Nothing added: nobody does anything new. Small yard, blanket and history: Washington follows that policy, and Beijing answers as the model does by default.",
        "自推演开始，无人参与。无新增：各方均不采取新行动。小院高墙、全面管制、历史：华盛顿遵循该政策，北京按模型默认方式应对。",
    ),
    "report_last": ("The last quarter", "最后一季"),
    "report_played": ("as played", "实际推演"),
    "baseline_none": ("nothing added", "无新增"),
    "baseline_small_yard": ("small yard", "小院高墙"),
    "baseline_blanket": ("blanket", "全面管制"),
    "baseline_history": ("history", "历史"),
    "report_paid": ("Who paid", "谁付出代价"),
    "report_paid_how": (
        "Means over the quarters played, in points of per cent against the path without controls.",
        "推演各季均值，相对无管制路径的百分点。",
    ),
    "report_difference": ("difference", "差异"),
    "report_mix": ("Mix of instruments", "工具构成"),
    "report_class": ("Class of tools", "工具类别"),
    "report_count": ("Uses", "使用次数"),
    "report_intents": ("What was meant, and what it did", "意图与效果"),
    "report_intents_how": (
        "The change that the team's moves of the turn made to the indicator it named, by the end of the game.",
        "该回合行动至终局对所指指标的影响。",
    ),
    "report_no_intents": ("No team stated an intent.", "没有队伍说明意图。"),
    "report_intent": ("Intent", "意图"),
    "report_change": ("Change", "变化"),
    "report_agree": ("All re-runs agree", "重演一致"),
    "report_yes": ("yes", "是"),
    "report_no": ("no", "否"),
    "report_turn": ("Turn", "回合"),
    "report_timeline": ("What happened", "经过"),
    "report_turn_head": ("Turn {turn}, {quarters}", "第{turn}回合，{quarters}"),
    "report_quiet": ("No move of a team.", "没有队伍行动。"),
    "report_by_model": ("Moves of the model: {n}", "模型行动{n}项"),
    "report_overrides": ("Values that control set", "主持人设定的数值"),
    "report_shown": ("Shown", "显示值"),
    "report_model_value": ("Model", "模型值"),
}
