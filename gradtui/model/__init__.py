"""What was seen in a run, as frozen data: no torch, no files, no screens."""
