"""Samples in, meaning out. No clock, no loop, no I/O: time comes in with the sample."""
