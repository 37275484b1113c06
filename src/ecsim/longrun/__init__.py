"""The long history: the state layer of the model over 1949 to 2025, held against the record of control acts."""

from __future__ import annotations
