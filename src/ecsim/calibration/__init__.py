"""Calibration: declared free parameters fitted to the targets whose role is calibration."""
