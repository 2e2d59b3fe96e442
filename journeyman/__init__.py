"""Durable customer journeys, worked by AI agents and people together, under policy, on the record.

journey                          what authors write and Temporal runs: stages, steps, events; no I/O
governance                       Cedar: bundles, facts, decisions; no database
agents knowledge                 AI agents and the model's side of a turn, the stand-in model; what they and people look up
customers conversation           customers, their keys and journeys; their messages, and what is read in them
ledger                           the record: written, integrated, signed, verified
tasks                            what people do, each deed asked of policy and on the record
views audit copilot              what people are shown; what auditors read and verify; how AI agents help who works
temporal                         activities, events on their way to journeys, workers
console cli                      pages and the REST API; commands
store                            Postgres: the pool, named SQL, migrations
embedded testing                 Temporal and Postgres on one machine; for authors, scripted AI and people, and skipped time
project publishing settings      what a deployment is made of, what is in force, where everything is
errors identifiers killpoints misfit words    small things that all of them use
"""
