"""The shipped journeys, one package each: `contracts` (models, steps) and `journey`. Copy one and change it."""
