"""Figures and the self-contained HTML report of a stored study. `html.write_report(folder)` does it all."""
