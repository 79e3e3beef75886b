"""What every counter is: data files, one a kind of source, and their loader."""
