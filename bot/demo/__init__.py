"""The simulated world: what stands in it at the start, and what happens by itself while somebody plays."""
