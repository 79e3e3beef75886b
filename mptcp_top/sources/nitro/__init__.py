"""How to talk to a NetScaler: its address, its TLS, its session, its replies."""
