"""``mptcp-top doctor``: what would work here, and what would not, and what to do about it."""
