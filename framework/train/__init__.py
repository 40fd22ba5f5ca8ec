"""Training: the engine, the loop in its stated order, checkpoints, and the observers."""
