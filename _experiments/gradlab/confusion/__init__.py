"""How much the gradients of different samples disagree."""
