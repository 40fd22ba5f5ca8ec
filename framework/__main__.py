"""`python -m framework VERB`."""

from framework.cli import main

main()
