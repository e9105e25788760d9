"""Why something is as it is, where several rules ask: what each gives is for their findings to tell."""
