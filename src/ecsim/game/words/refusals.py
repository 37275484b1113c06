"""Why a command is not carried out."""

from __future__ import annotations

TEXTS: dict[str, tuple[str, str]] = {
    "refused_text": ("The text is too long: at most {most} characters.", "文字过长：最多{most}个字符。"),
    "refused_empty": ("There is nothing in it yet: write something, or choose a move.", "内容为空：请填写文字或选择行动。"),
    "refused_rows": ("Too many moves: at most {most} in a turn.", "行动过多：每回合最多{most}项。"),
    "refused_shape": ("This is not a move that the seat can make.", "该席位不能采取此行动。"),
    "refused_shown": ("Rules and lists are published by law: they cannot be kept from the others.", "规则和清单依法公布，不能对他方保密。"),
    "refused_lobby": ("A word to a government carries 1 to {most} points.", "游说的力度为1至{most}点。"),
    "refused_lobby_seat": ("Only a government that sits at this table can be lobbied: {seats}.", "只能游说本桌的政府：{seats}。"),
    "refused_actor": ("The seat does not speak for this state.", "该席位不代表此国。"),
    "refused_move": ("This cannot be done: {reason}", "无法执行：{reason}"),
    "refused_until": ("The end lies in the past, or more than {most} quarters ahead.", "期限已过或超过{most}个季度。"),
    "refused_tool": ("The seat may not use '{tool}'.", "该席位无权使用“{tool}”。"),
    "refused_adopt": ("Only allied capitals adopt or leave American rules.", "只有盟友可以采纳或退出美国规则。"),
    "refused_rule": ("This rule is not one that the seat can change.", "该席位不能变更这项规则。"),
    "refused_range": ("{name}: the law allows {lo} to {hi}.", "{name}：法律允许的范围为{lo}至{hi}。"),
    "refused_term": ("{name}: this tool does not set it.", "{name}：该工具不设此项。"),
    "refused_offers": ("At most {most} offers in a turn.", "每回合最多提出{most}项提议。"),
    "refused_pending": (
        "You have chosen an act but not added it. Add it, or go back to the list with “Another act”.",
        "已选择行动但尚未加入。请先加入，或点“另选行动”返回列表。",
    ),
    "refused_cost": (
        "Too dear: it costs {political} political and {administrative} administrative points; there are {has_political} and {has_administrative}.",
        "资源不足：需要政治资本{political}点、行政能力{administrative}点；现有{has_political}点和{has_administrative}点。",
    ),
    "refused_law": ("Move {index} cannot be made: {reason}", "第{index}项行动无法执行：{reason}"),
    "refused_late": ("Too late: turn {turn} is closed. Play is in turn {now}.", "已截止：第{turn}回合已关闭，现为第{now}回合。"),
    "refused_locked": ("The turn is locked: nothing can be changed now.", "本回合已锁定，现不能更改。"),
    "refused_over": ("The game is over.", "推演已结束。"),
    "refused_stale": (
        "Another window of this seat has just handed in other moves. Look at them, then hand in again.",
        "该席位的另一窗口刚提交了不同的行动。请查看后重新提交。",
    ),
    "refused_redrawn": (
        "Another window of this seat has just changed the draft. Look at it, then hand it in again.",
        "该席位的另一窗口刚修改了草案。请查看后重新提交。",
    ),
    "refused_amended": ("The team has just handed in other moves. Look at them first.", "该队刚提交了不同的行动，请先查看。"),
    "refused_right": ("Not allowed.", "没有权限。"),
    "refused_code": (
        "The join code is missing or wrong: it stands on the facilitator's screen, and in the window of the server.",
        "加入码缺失或有误：见主持人屏幕或服务器窗口。",
    ),
    "refused_seat": ("This seat is taken.", "该席位已被占用。"),
    "refused_unknown": ("There is no such thing here.", "没有此项。"),
    "refused_value": ("Enter the value that is to be shown: a number of less than {most}.", "请填写要显示的数值（小于{most}）。"),
    "refused_minutes": ("A clock runs at most {most} minutes.", "计时最长{most}分钟。"),
    "refused_offer": ("This offer cannot be answered any more.", "该提议已不能答复。"),
    "refused_busy": ("The turn is being worked out already.", "本回合正在计算。"),
    "refused_rooms": ("There are {most} rooms, and no more can be opened.", "房间已达{most}个，不能再开。"),
    "refused_many": ("Too many requests: wait a moment.", "请求过于频繁，请稍候。"),
    "refused_failed": ("This failed. It has been noted; nothing was changed.", "操作失败，已记录；未作任何更改。"),
    "refused_holder": ("A model plays this seat.", "该席位由模型代打。"),
}
