"""One small pure function a rule: a scene in, findings out. `engine.RULES` lists them."""
