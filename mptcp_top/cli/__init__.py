"""The command line: builds the program from its parts; no rule of its own."""
