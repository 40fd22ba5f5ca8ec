"""Running graphs: the lowering, programs and their cache, sessions, schedules."""
