"""The flight recorder: what was collected, kept in a file that any ``sqlite3`` shell opens."""
