"""The ledger: an append-only record whose every entry can be proved to be in it, unaltered.

canonical merkle checkpoint chain         pure: the bytes, the tree, what is signed of it
entry log integrator publish              an entry written with its effect, given its place, signed, carried outside
audit pack                                read out of Postgres, as a pack that needs nothing else
verify rows moments locate report         pure: whether a pack is what was recorded, and where it departs from it
trace                                     the story of one journey
"""
