"""One small pure function a rule: it gets a `Run`, so all scenes so far and the history of the gradients, and
gives findings. `engine.RULES` lists them, and none imports another; what several of them ask is in
`explanations`, or in a module of the diagnosis named after its subject."""
