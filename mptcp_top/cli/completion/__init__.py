"""Completion: what the shells install, and what it asks of the program at each Tab."""
