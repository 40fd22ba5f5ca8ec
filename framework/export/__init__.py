"""What leaves the framework: graphs that others can run."""
