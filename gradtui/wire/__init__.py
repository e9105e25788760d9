"""Values of the model as JSON and back, the channel that carries them, and the file that keeps them."""
