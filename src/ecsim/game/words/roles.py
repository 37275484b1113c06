"""Role cards: what each seat stands for, what it wants, what it has."""

from __future__ import annotations

TEXTS: dict[str, tuple[str, str]] = {
    "budget": ("What you can spend", "可用资源"),
    "budget_income": ("Every turn brings {income} points of political capital.", "每回合获得{income}点政治资本。"),
    "budget_incumbent": (
        "Anxiety at home brings up to {feeling} more: the greater it is, the more it brings.",
        "国内焦虑最多再增{feeling}点，焦虑越高增加越多。",
    ),
    "budget_challenger": (
        "Dissatisfaction at home brings up to {feeling} more: the greater it is, the more it brings.",
        "国内不满最多再增{feeling}点，不满越高增加越多。",
    ),
    "budget_lobby": (
        "By lobbying, industry can add or take away up to {lobby} a turn; you are told.",
        "产业界游说每回合可增减最多{lobby}点，您会得知。",
    ),
    "budget_saved": ("What you do not spend you keep for later turns, {most} points at most.", "未用的政治资本可结转，上限{most}点。"),
    "budget_administration": (
        "Administrative capacity is {administrative} points in every turn; what is left of it lapses.",
        "行政能力每回合重置为{administrative}点，不可结转。",
    ),
    "card_incumbent": (
        "You speak for the United States. You want to keep the lead in the technologies that decide power, at a price that American companies and your allies will bear. "
        "You have the widest toolkit: lists, licences, rules that reach goods made abroad, tariffs, limits on money and people, and public money of your own. "
        "What you deny, others may sell; what you reach abroad is designed out in time. Watch the gaps, the revenue of your companies, and who stands with you.",
        "您代表美国。目标是在决定国力的技术上保持领先，并使代价为本国企业和盟友所承受。您拥有最广的工具：清单、许可、域外规则、关税、资金与人员限制以及公共投入。"
        "您拒售的，他人可能出售；您域外所及的，终将被设计剔除。请关注技术差距、企业营收与盟友立场。",
    ),
    "card_challenger": (
        "You speak for China. You want the inputs your industry needs, the technology to make them yourselves, and no ring of states that keeps both from you. "
        "You can fund, stock up, substitute, buy elsewhere, hold back minerals, close your market and answer in kind. Anger is dear: a counter-measure may unite those whom it was to divide. "
        "Watch unmet need, your own chips, and which capitals waver.",
        "您代表中国。目标是保障产业所需投入、掌握自主制造技术、避免被各国合围。您可以投资、囤货、替代、另寻供应、限制矿产、收紧市场并对等反制。"
        "怒气有代价：反制可能使本可分化的各方团结。请关注未满足需求、芯片自给率与动摇的盟友。",
    ),
    "card_ally": (
        "You speak for one or more allied capitals. Your companies sell to both sides; your security rests on one of them. You can adopt the American rules, wholly or in part, "
        "make a law of your own, refuse single licences, or leave. Alone you carry little weight, at a chokepoint much. Ask what you get for joining.",
        "您代表一个或多个盟友首都。本国企业向双方销售，安全则依赖一方。您可以全部或部分采纳美国规则、自行立法、拒发个别许可或退出。"
        "独自一方分量有限，但在咽喉环节分量很重。加入之前，请问能得到什么。",
    ),
    "card_industry": (
        "You speak for the companies of all states. You want customers, inputs and calm. You can stock up, move plants, design out what a rule could reach, check customers more or less, "
        "refuse more than the law asks, and lobby: give a government political capital or take it away. You know the revenue of every side exactly, which no government does.",
        "您代表各国企业。目标是客户、投入与稳定。您可以囤货、迁移产能、去除外国成分、加强或放松客户审查、超出法律要求拒售，并可游说：增加或削减某政府的政治资本。您精确掌握各方营收，这是任何政府都没有的。",
    ),
}
