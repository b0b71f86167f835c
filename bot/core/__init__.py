"""Pure decisions: no input or output, no clock, no threads. Everything here can be tested by calling it."""
