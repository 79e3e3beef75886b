"""Benchmarks: every figure is a ratio to an alternative measured beside it, in the same run."""
