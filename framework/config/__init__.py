"""The configuration: composing it, where each value was written, and checking it into an Experiment."""
