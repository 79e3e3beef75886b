"""The incident bundle: what a recording holds of a stretch of time, in the forms a ticket wants."""
