"""What a study of alliance participation says: curves, thresholds, break-even, members, delay, and the fence around it."""
