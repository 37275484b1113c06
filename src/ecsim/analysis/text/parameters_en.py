"""Short names of parameters whose meaning in the registry is too long for a figure or no name by itself."""

from __future__ import annotations

from collections.abc import Mapping

TEXT: Mapping[str, str] = {
    "factor.market.challenger_growth": "challenger's growth over baseline",
    "factor.permission.leak_scale": "scale of leakage",
    "factor.innovation.embodied_kappa": "weight of embodied technology (κ)",
    "factor.innovation.subsidy_absorbed": "most of a subsidy that a firm can use",
    "factor.innovation.stretch": "stretch beyond equipment",
    "factor.innovation.volume": "level lost without volume",
    "factor.innovation.subsidy_budget": "substitution budget",
    "factor.accounts.value_exponent": "value of a generation",
    "factor.permission.fdp_scale": "tools' share that gives direct-product rules their reach",
    "factor.permission.over_compliance": "over-compliance beyond the law",
    "factor.production.price_markup": "rise of prices with scarcity",
    "factor.adaptation.threat_memory": "speed at which firms perceive threat",
    "factor.accession.inclination": "allies' inclination to join",
    "factor.accession.pressure": "weight of pressure on allies",
    "factor.accession.stake": "weight of allies' revenue at stake",
    "factor.population.growth_long_run": "long-run growth of states",
    "factor.population.growth_fade": "time over which states' growth fades",
    "factor.market.growth_long_run": "long-run growth of demand",
    "factor.market.growth_fade": "time over which demand growth fades",
    "factor.power.metric": "measure of power that governments perceive",
    "factor.documents.metric": "measure of power behind technology anxiety",
    "factor.adaptation.stockpile": "extra stocks that threatened buyers seek",
    "factor.innovation.noise": "shock to progress",
    "factor.government.noise": "chance in what the government chooses",
    "factor.documents.security": "security against development in documents",
    "factor.government.security": "weight of denial in the government's choice",
    "factor.documents.path_dependence": "path dependence of documents",
    "factor.government.path_dependence": "path dependence of the government's controls",
    "factor.accession.path_dependence": "path dependence of joining",
    "factor.documents.decay": "loss of the stock of documents",
    "factor.government.decay": "loss of the stock of the government's tools",
    "factor.accession.decay": "loss of the stock of membership",
    "factor.documents.inheritance": "stock of documents from the Cold War",
    "factor.government.inheritance": "stock of tools from the Cold War",
    "factor.government.retaliation": "weight of retaliation for the government",
    "factor.accession.retaliation": "weight of retaliation for allies",
}
