"""Rules of alerts: a small language of comparisons, what it says as values, and what its names mean."""
