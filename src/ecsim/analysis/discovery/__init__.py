"""Scenario discovery: under what conditions a policy fails, and which policy is robust over deep uncertainty."""
