"""Server and pages of the workshop. The only part that knows the web framework."""
