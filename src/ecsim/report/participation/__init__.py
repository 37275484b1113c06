"""The report of a study of alliance participation."""
