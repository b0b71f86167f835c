"""What commands and the engine share: how an order becomes a change, and what is known around it."""
