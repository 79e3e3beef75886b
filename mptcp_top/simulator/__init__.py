"""A NetScaler on loopback: NITRO REST as an appliance speaks it, with traffic that a scenario file describes."""
