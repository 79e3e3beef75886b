"""``mptcp-top stat``: the counters without a screen, for people and for programs."""
