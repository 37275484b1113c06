"""Shared by all tests: the settings of hypothesis."""

from hypothesis import HealthCheck, settings

settings.register_profile("ecsim", deadline=None, suppress_health_check=[HealthCheck.too_slow], derandomize=True)
settings.load_profile("ecsim")
