"""The moving parts: what carries orders out, follows rollouts, and says what happened. Threads live here."""
