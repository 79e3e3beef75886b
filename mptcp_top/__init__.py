"""A live terminal dashboard for Multipath TCP."""

__version__ = "0.1.0.dev0"
