"""ecsim: an agent-based simulator of technology export controls in a power transition."""

__version__ = "0.1.0"
