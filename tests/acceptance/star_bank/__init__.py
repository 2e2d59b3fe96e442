"""The 216 recorded bank conversations of STAR, played against the shipped scripts without Temporal, Postgres and people."""
