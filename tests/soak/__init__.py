"""Two real processes that die again and again: as long as somebody wants to watch, and no part of the check."""
