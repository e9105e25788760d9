"""Where the viewer gets snapshots: a live child or a recording."""
