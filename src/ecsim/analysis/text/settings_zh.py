"""Settings of a policy in Chinese: name and meaning; the seed of a run; channels of measures.

In English a setting is shown by its key, with the meaning that stands in the code.
"""

from __future__ import annotations

from collections.abc import Mapping

SETTINGS: Mapping[str, tuple[str, str]] = {
    "scope": ("管制产品", "受管制的产品；空为全部。"),
    "threshold": ("技术门槛", "自何种技术起受管制：相对管制开始时前沿的代数（负值为落后）；空为所有物项。"),
    "thresholds": ("单项门槛", "个别产品的门槛，先于“技术门槛”；空为所有物项。"),
    "end_uses": ("最终用途", "产品及其买方的产出；只管制生产这些产品的买方（如用于加速芯片的芯片、用于先进工厂的设备）。"),
    "sliding": ("门槛随前沿移动", "门槛随技术前沿移动；否则停在设定之处。"),
    "height": ("高度", "被拒申请的份额，0至1。"),
    "delay": ("审批时间", "许可审批所需的季度数。"),
    "fdp": ("直接产品规则", "凭外国直接产品规则及于境外制造的物项。"),
    "de_minimis": ("最低含量", "美国成分达到此份额的境外物项受管制；空为不及于此。"),
    "spares": ("豁免的供应国（地区）", "其货物不受上述两项规则约束的供应国（地区）。"),
    "persons": ("及于国民", "及于本国国民在境外所有的工厂。"),
    "owners": ("及于境外子公司", "及于目的地企业设在别处的工厂。"),
    "affiliates": ("及于关联企业", "清单及于被列企业所有的公司。"),
    "military": ("军事最终用户", "另加一条针对军事最终用户的规则，及于全部产品。"),
    "destinations": ("目的地", "受管制的国家（地区）。"),
    "exempt": ("豁免的所有国（地区）", "设在目的地而不受管制的工厂属于这些国家（地区）。"),
    "companies": ("点名企业", "点名列入清单的企业。"),
    "listings": ("清单实体数", "点名之外列入清单的法律实体总数。"),
    "listing_products": ("清单产品", "清单实体出自哪些产品；空为全部。"),
    "listing_height": ("清单拒绝率", "涉及清单实体的申请被拒的份额。"),
    "listing_fdp": ("清单的直接产品规则", "对点名企业适用外国直接产品规则。"),
    "measures": ("其他措施", "贸易管制之外的措施及其力度。"),
    "start": ("开始", "管制开始的季度。"),
    "phase_in": ("分批季度数", "清单分多少个季度列完。"),
    "review": ("审查间隔", "两次审查相隔的季度数；0为不审查。"),
    "review_step": ("审查降幅", "每次审查把门槛降低的代数。"),
    "review_listings": ("审查增列", "每次审查增列的法律实体数。"),
    "ground": ("理由", "所给的理由。"),
    "documents": ("政策文件", "撰写政策文件，其工具作用于管制的行政。"),
    "response": ("应对", "新兴大国如何应对。"),
    "alliance": ("联盟", "盟友是否、如何加入。"),
}
SEED = "种子"
CHANNELS: Mapping[str, str] = {
    "tariff": "关税",
    "talent": "人员交流",
    "investment": "投资审查",
    "finance": "金融制裁",
    "market_access": "市场准入",
    "preference": "优先采购本国产品",
    "subsidy": "补贴",
    "enforcement": "执法",
    "stockpile": "储备",
    "over_compliance": "过度合规",
    "licence_time": "审批时间",
    "slips": "查漏",
    "compliance_cost": "合规成本",
    "foresight": "预见",
    "alignment": "盟友协调",
    "shedding": "去除外国成分",
    "relocation": "迁移产能",
}
