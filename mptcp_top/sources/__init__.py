"""Reading and parsing, one module a kind of target."""
