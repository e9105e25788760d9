"""From snapshots to findings: pure functions over values of the model."""
