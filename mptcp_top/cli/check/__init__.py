"""``mptcp-top check``: one verdict, as monitoring systems take it from their plugins."""
