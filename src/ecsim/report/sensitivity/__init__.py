"""The report of a sensitivity study."""
