"""Many runs at once: expanded, checked and frozen before the first begins; grouped by program; answered in a table."""
