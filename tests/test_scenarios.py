"""Scenarios: what they play, what they tell, and files that are refused."""

from __future__ import annotations

import datetime as dt
from pathlib import Path
from typing import Any

import pytest

import ecsim
from ecsim import api, strategies
from ecsim.composing import choices
from ecsim.errors import UserError
from ecsim.moves import quarter_label
from ecsim.outcomes import OUTCOMES
from ecsim.params import Params
from ecsim.strategies import PolicyConfig, ScenarioConfig
from ecsim.strategies.base import Strategy
from ecsim.strategies.challenger import Response
from ecsim.strategies.scenario import load, quarter_at, scenario_names
from ecsim.strategies.settings import quarter_of
from players import ECONOMY, HORIZON, PRESETS, play, preset, settings
from policy_world import small_world
from scenario_file import GOOD


@pytest.fixture(scope="module")
def economy() -> Any:
    from ecsim import population

    return population.build(Params())


@pytest.fixture(scope="module")
def every_domain() -> Any:
    from ecsim import population

    return population.build(Params().with_values({"population.domains": ["all"]}))


def test_the_scenarios_that_were_asked_for_are_there() -> None:
    assert set(scenario_names()) >= {
        "history",
        "blanket_2018",
        "small_yard_2022",
        "three_country_coalition",
        "dutch_exit",
        "fdp_only",
        "rare_earth_retaliation",
        "licensing_tiers",
        "truce_2025",
        "japan_korea_2019",
    }
    assert set(choices("scenario")) == set(scenario_names())  # a file in scenarios/ is all that it takes


@pytest.mark.parametrize("name", scenario_names())
def test_every_scenario_plays_to_the_end_on_the_economy_of_all_domains(name: str, every_domain: Any) -> None:
    scenario = load(ScenarioConfig(name=name))
    players = strategies.build(settings(policy=PolicyConfig(kind="script"), scenario=ScenarioConfig(name=name)), every_domain)
    assert all(isinstance(p, Strategy) for p in players)
    w = small_world(economy=every_domain)
    made = play(w, players, HORIZON - 1)
    assert {m.id for m in scenario.moves if m.quarter < HORIZON} <= {m.id for m in made}


def test_history_leaves_out_what_is_about_domains_that_are_not_in_the_run(economy: Any, every_domain: Any) -> None:
    def played(e: Any) -> list[str]:
        script = strategies.build(settings(policy=PolicyConfig(kind="script"), scenario=ScenarioConfig()), e)
        return [m.id for m in play(small_world(economy=e), script, HORIZON - 1) if m.id]

    chips, everything = played(economy), played(every_domain)
    left_out = {"E01", "E02", "E03", "E04", "E05", "E06", "E07", "E08", "E09", "E10", "E10-lift"}
    assert not left_out & set(chips)
    assert [i for i in everything if i not in left_out] == chips
    assert left_out <= set(everything)


@pytest.mark.parametrize("domain", ["nuclear", "emerging", "dual_use"])
def test_history_plays_on_any_domain_alone(domain: str) -> None:
    from ecsim import population

    e = population.build(Params().with_values({"population.domains": [domain]}))
    players = strategies.build(settings(policy=PolicyConfig(kind="script"), scenario=ScenarioConfig()), e)
    w = small_world(economy=e)
    made = play(w, players, HORIZON - 1)
    assert not {"U01", "U11", "U22", "C04"} & {m.id for m in made}
    assert any(m.id.startswith("E") for m in made)


@pytest.mark.parametrize("name", scenario_names())
def test_every_scenario_tells_its_story_and_what_is_expected_of_it(name: str) -> None:
    scenario = load(ScenarioConfig(name=name))
    assert scenario.title["en"] and scenario.title["zh"] and scenario.narrative["en"] and scenario.narrative["zh"]
    assert scenario.sources and scenario.expect
    policies = {preset_name for group, preset_name in PRESETS if group == "policy"}
    for e in scenario.expect:
        assert e.outcome in OUTCOMES and e.against in policies | set(scenario_names()) - {name} and e.why
    assert all(m.text_en and m.text_zh for m in scenario.moves if "-" not in m.id)


TIMELINE = [f"U{i:02}" for i in range(1, 39)] + [f"A{i:02}" for i in range(1, 11)] + [f"C{i:02}" for i in range(1, 13)]


def test_history_has_all_sixty_dated_actions_with_their_evidence() -> None:
    history = load(ScenarioConfig())
    assert len(TIMELINE) == 60 and set(TIMELINE) <= set(history.evidence)
    assert all(m.source for m in history.moves if m.id in TIMELINE)
    assert {history.evidence[i] for i in TIMELINE} <= {"read", "remembered"}
    assert {m.actor for m in history.moves} == {"USA", "CHN", "JPN", "NLD", "DEU", "KOR", "TWN", "GBR"}


def test_what_a_scenario_dates_otherwise_than_its_source_is_an_assumption_and_is_told() -> None:
    yard = load(ScenarioConfig(name="small_yard_2022"))
    assert yard.evidence["Y5"] == "assumption"
    assert "December 2024" in yard.narrative["en"] and "2024年12月" in yard.narrative["zh"]


@pytest.mark.parametrize("name", scenario_names())
def test_what_was_taken_back_is_told_in_words_of_its_own(name: str) -> None:
    moves = load(ScenarioConfig(name=name)).moves
    assert not [m.id for m in moves if m.verb in ("lift", "suspend") and not (m.text_en and m.text_zh)]


def test_a_deal_does_not_bring_back_for_a_moment_what_it_withdraws() -> None:
    run = ecsim.run("history", "scenario=truce_2025", "time.quarters=40", "economy=small")
    assert "resume" not in set(run.events["verb"])


def test_a_line_of_nanometres_is_said_in_chinese_by_what_is_more_advanced() -> None:
    texts = [m.text_zh for name in scenario_names() for m in load(ScenarioConfig(name=name)).moves if "纳米" in m.text_zh]
    assert texts and not [t for t in texts if "纳米级及以上" in t or "纳米及以上" in t]


def test_the_script_adds_as_many_parties_as_its_sources_say(economy: Any) -> None:
    listings = [m for m in load(ScenarioConfig()).moves if m.verb == "list" and m.actor == "USA" and m.tool == "entity_list"]
    new = {y: sum(m.parties or 0 for m in listings if quarter_label(m.quarter).startswith(y) and m.id[0] != "E") for y in ("2018", "2019")}
    assert new == {"2018": 45, "2019": 69 + 5 + 46 + 28}
    assert all(m.parties for m in listings if m.id[0] != "E")
    tracks = ecsim.run("history", "time.quarters=12", "economy=small").result.record.tracks
    on_list = tracks["listed_entities"][:, 0]
    assert on_list[3] == pytest.approx(218) and on_list[11] == pytest.approx(479, rel=0.15)  # target C1


def test_the_continuation_of_history_is_declared_as_assumption_and_can_be_left_out() -> None:
    whole, dated = load(ScenarioConfig()), load(ScenarioConfig(continuation=False))
    added = {m.id for m in whole.moves} - {m.id for m in dated.moves}
    assert added and all(whole.evidence[i] == "assumption" for i in added)
    assert max(m.quarter for m in dated.moves) <= quarter_of("2026Q1", "")


def history_until(label: str, economy: Any, **config: Any) -> Any:
    w = small_world(economy=economy)
    players = strategies.build(settings(policy=PolicyConfig(kind="script"), scenario=ScenarioConfig(**config)), economy)
    play(w, players, quarter_of(label, ""))
    return w


def test_history_denies_zte_for_one_quarter(economy: Any) -> None:
    zte = set(economy.company_rows["ZTE"])
    assert history_until("2018Q2", economy).book.parties["USA:denial_order"] == zte
    assert "USA:denial_order" not in history_until("2018Q3", economy).book.parties


def test_history_widens_the_fence_and_then_lowers_it(economy: Any) -> None:
    assert "U22" not in history_until("2022Q3", economy).book.rules
    assert history_until("2022Q4", economy).book.rules["U22"].threshold == 0.95
    later = history_until("2023Q4", economy).book.rules["U22"]
    assert (later.threshold, later.owners, later.fdp) == (0.0, True, True)
    assert history_until("2026Q1", economy).book.rules["U22"].threshold == 2.5


def test_history_suspends_for_the_truce_and_the_continuation_renews_it(economy: Any) -> None:
    for continuation, suspended in ((True, {"U36", "C08", "C12"}), (False, set())):
        w = history_until("2027Q1", economy, continuation=continuation)
        assert set(w.book.suspended) == suspended
        assert ("U36" in w.book.rules) is not continuation


def test_what_if_an_act_had_not_been(economy: Any) -> None:
    assert "A03" in history_until("2024Q1", economy).book.rules
    assert "A03" not in history_until("2024Q1", economy, drop=("A03",)).book.rules
    assert {r.issuer for r in history_until("2024Q1", economy, actors=("USA",)).book.rules.values()} == {"USA"}
    with pytest.raises(UserError, match=r"scenario\.drop: unknown move 'A99'"):
        load(ScenarioConfig(drop=("A99",)))


def test_the_dutch_exit_is_the_coalition_until_it_is_not(economy: Any) -> None:
    assert history_until("2026Q4", economy, name="dutch_exit").book.adoption == {("JPN", "USA"): 0.6, ("NLD", "USA"): 0.6}
    assert history_until("2027Q1", economy, name="dutch_exit").book.adoption == {("JPN", "USA"): 0.6}


def test_a_script_in_which_the_challenger_acts_stands_in_for_its_counter_controls(economy: Any) -> None:
    scripted = settings(policy=PolicyConfig(kind="script"), response=preset("response", "default"))
    response = next(p for p in strategies.build(scripted, economy) if isinstance(p, Response))
    assert not response.config.counters and response.config.subsidy == 1.0
    yard = settings(
        policy=PolicyConfig(kind="script"), response=preset("response", "default"), scenario=ScenarioConfig(name="small_yard_2022")
    )
    assert next(p for p in strategies.build(yard, economy) if isinstance(p, Response)).config.counters


@pytest.mark.parametrize(
    ("day", "quarter"),
    [("2018-01-01", 0), ("2018-02-14", 0), ("2018-02-15", 1), ("2018-04-15", 1), ("2019-05-16", 5), ("2022-10-07", 19), ("2024-12-31", 28)],
)
def test_a_date_counts_from_its_quarter_if_it_falls_in_the_first_half(day: str, quarter: int) -> None:
    assert quarter_at(dt.date.fromisoformat(day)) == quarter


BAD_FILES = [
    ("products: [hbm]", "products: [hbmm]", "moves[1] (M1): products: unknown product 'hbmm'; did you mean 'hbm'"),
    ("actor: USA", "actor: UK", "moves[1] (M1): actor: unknown state 'UK'"),
    ("tool: ccl", "tool: entity_lst", "moves[1] (M1): tool: unknown tool 'entity_lst'; did you mean 'entity_list'"),
    ("evidence: read", "evidence: hearsay", "moves[1] (M1): evidence: unknown evidence 'hearsay'"),
    ("date: 2020-01-01, actor", "date: 2017-01-01, actor", "moves[1] (M1): date: '2017-01-01' is not a date of the run"),
    ("date: 2020-01-01, actor", "date: 2020-13-01, actor", "month must be in 1..12; accepted: YAML in UTF-8, with dates such as"),
    ("date: 2020-01-01, actor", "date: someday, actor", "moves[1] (M1): date: 'someday'"),
    ("verb: impose", "verb: impose, denail: 0.5", "moves[1] (M1): unknown key 'denail'; did you mean 'denial'"),
    ("verb: impose", "verb: impose, denial: 5", "moves[1] (M1): denial: '5' will not do; accepted: a number from 0 to 1"),
    ("id: M1, ", "", "moves[1]: id: missing"),
    ("sources: [s]", "", "sources: missing"),
    ("sources: [s]", "sources: [s]\nmusic: loud", "unknown key 'music'"),
    ("title: {en: t, zh: 题}", "title: t", "title: needs a text in each language"),
    ("expect: []", "expect: [{outcome: x}]", "expect[1]: needs the keys"),
    ("expect: []", "base: nowhere\nexpect: []", "base: unknown scenario 'nowhere'"),
    ("expect: []", "base: history\ndrop: [Z9]\nexpect: []", "drop: unknown move 'Z9'"),
    ("moves:", "moves: [", "not YAML"),
    (
        "evidence: read}",
        "evidence: read, reversed: {date: 2019-06-01, verb: lift}}",
        "moves[1] (M1): reversed: date: 2019-06-01 is before the move, which is in force from 2020-01-01; accepted: that day",
    ),
    (
        "evidence: read}",
        "evidence: read, in_force: 2020-08-01, reversed: {date: 2020-03-01, verb: suspend, until: 2021-01-01}}",
        "moves[1] (M1): reversed: date: 2020-03-01 is before the move, which is in force from 2020-08-01",
    ),
]


@pytest.mark.parametrize(("old", "new", "says"), BAD_FILES)
def test_a_bad_scenario_file_is_refused_with_file_row_and_key(old: str, new: str, says: str, tmp_path: Path) -> None:
    assert old in GOOD
    file = tmp_path / "mine.yaml"
    file.write_text(GOOD.replace(old, new), encoding="utf-8")
    with pytest.raises(UserError) as refusal:
        load(ScenarioConfig(file=str(file)))
    text = str(refusal.value)
    assert text.startswith("mine.yaml") and says in text and "\n" not in text


def test_an_expectation_of_an_unknown_outcome_is_refused_before_anything_runs(tmp_path: Path) -> None:
    file = tmp_path / "mine.yaml"
    wrong = "expect: [{outcome: gap_fundry, direction: higher, against: none, why: w}]"
    file.write_text(GOOD.replace("expect: []", wrong), encoding="utf-8")
    with pytest.raises(UserError, match=r"^mine\.yaml: expect\[1\]: outcome: unknown outcome 'gap_fundry'; did you mean 'gap_foundry'\?"):
        api.dry_run("run", ["scenario=history", f"scenario.file={file}", "economy=small"])


def test_an_expectation_against_an_unknown_run_is_refused_before_anything_runs(tmp_path: Path) -> None:
    def words(name: str, against: str) -> list[str]:
        row = f"expect: [{{outcome: gap_foundry, direction: higher, against: {against}, why: w}}]"
        (tmp_path / f"{name}.yaml").write_text(GOOD.replace("expect: []", row), encoding="utf-8")
        return ["scenario=history", f"scenario.file={tmp_path / name}.yaml", "economy=small"]

    says = r"^mine\.yaml: expect\[1\]: against: unknown policy or scenario 'small_yrd'; did you mean 'small_yard'\?; accepted: blanket, "
    wrong = words("mine", "small_yrd")
    with pytest.raises(UserError, match=says):
        api.dry_run("run", wrong)
    with pytest.raises(UserError, match=says):
        ecsim.build_model("history", *wrong)
    assert api.dry_run("run", words("other", "mine"))  # a file beside it is a scenario too, as for `base`


def test_companies_are_held_against_the_economy(tmp_path: Path) -> None:
    file = tmp_path / "mine.yaml"
    file.write_text(GOOD.replace("verb: impose, tool: ccl", "verb: list, tool: entity_list, entities: [Hauwei]"), encoding="utf-8")
    with pytest.raises(UserError, match=r"mine\.yaml: M1: entities: unknown company 'Hauwei'; did you mean 'Huawei'"):
        strategies.build(settings(policy=PolicyConfig(kind="script"), scenario=ScenarioConfig(file=str(file))), ECONOMY)


def test_a_user_can_build_on_a_shipped_scenario(tmp_path: Path) -> None:
    file = tmp_path / "mine.yaml"
    file.write_text(GOOD.replace("sources: [s]", "sources: [s]\nbase: small_yard_2022\ndrop: [Y5]"), encoding="utf-8")
    mine = load(ScenarioConfig(file=str(file)))
    assert [m.id for m in mine.moves] == ["M1", "Y1", "Y2", "Y7", "Y8", "Y3", "Y4", "Y6"]


def test_a_file_that_was_edited_is_read_again_and_so_is_what_builds_on_it(tmp_path: Path) -> None:
    first, second = tmp_path / "first.yaml", tmp_path / "second.yaml"
    first.write_text(GOOD, encoding="utf-8")
    second.write_text(GOOD.replace("moves:", "base: first\nmoves:").replace("M1", "M2"), encoding="utf-8")
    assert {m.tool for m in load(ScenarioConfig(file=str(second))).moves} == {"ccl"}
    first.write_text(GOOD.replace("ccl", "country_rule"), encoding="utf-8")
    assert {m.tool for m in load(ScenarioConfig(file=str(first))).moves} == {"country_rule"}
    assert {m.tool for m in load(ScenarioConfig(file=str(second))).moves} == {"ccl", "country_rule"}


def test_scenarios_that_build_on_each_other_are_refused(tmp_path: Path) -> None:
    for name, base in (("first", "second"), ("second", "third"), ("third", "first")):
        (tmp_path / f"{name}.yaml").write_text(GOOD.replace("moves:", f"base: {base}\nmoves:"), encoding="utf-8")
    with pytest.raises(UserError, match=r"third\.yaml: base: goes round .*: first\.yaml → second\.yaml → third\.yaml → first\.yaml"):
        load(ScenarioConfig(file=str(tmp_path / "first.yaml")))


def test_a_missing_file_is_named() -> None:
    with pytest.raises(UserError, match=r"nowhere\.yaml: cannot be read"):
        load(ScenarioConfig(file="nowhere.yaml"))
    with pytest.raises(UserError, match=r"scenario\.name: unknown scenario 'dutch'; did you mean 'dutch_exit'"):
        load(ScenarioConfig(name="dutch"))


def test_the_page_on_scenarios_holds_what_it_shows(tmp_path: Path, economy: Any) -> None:
    page = (Path(__file__).parents[1] / "docs" / "add-a-scenario.md").read_text(encoding="utf-8")
    file = tmp_path / "mine.yaml"
    file.write_text(page.split("```yaml")[1].split("```")[0], encoding="utf-8")
    w = history_until("2026Q4", economy, file=str(file))
    assert w.book.adoption == {("NLD", "USA"): 0.6}
    assert list(w.book.suspended) == ["X1"] and "X1" in history_until("2027Q1", economy, file=str(file)).book.rules
