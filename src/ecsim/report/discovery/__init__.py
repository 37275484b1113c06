"""The report of scenario discovery."""
