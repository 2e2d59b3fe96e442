"""The journeys: contracts and machines, one package each. No I/O."""
