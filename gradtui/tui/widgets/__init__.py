"""The parts of the screen: each shows what it was given and says what the user chose."""
