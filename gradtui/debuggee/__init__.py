"""Everything that runs beside the user's code: needs torch and nothing else."""
