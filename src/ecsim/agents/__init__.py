"""Who decides: states and alliances as Mesa agents, and a firm as a window on its row."""
