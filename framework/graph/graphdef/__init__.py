"""Graphs as GraphDef messages and files: written, read, and imported from whoever wrote them."""
