"""Acts that change no trade by themselves but belong to the record: statutes, notices, announcements."""

from __future__ import annotations

from functools import partial

from ecsim.tools.base import ROLES, Tool

_record = partial(Tool, cls="record", basis="", users=ROLES, source="public record")

TOOLS = (
    _record(
        id="statute",
        name_en="Statute",
        name_zh="法律",
        agency="legislature",
        layers=("science", "technology", "industry"),
        instruments=("system_building", "agency_management", "licensing"),
    ),
    _record(
        id="anprm",
        name_en="Notice that asks for comment",
        name_zh="拟议规则预先通知",
        agency="Commerce (BIS)",
        layers=("technology",),
        instruments=("public_participation", "disclosure", "education"),
    ),
    _record(
        id="announcement",
        name_en="Announcement",
        name_zh="公告",
        agency="government",
        layers=("industry",),
        instruments=("disclosure",),
    ),
)
