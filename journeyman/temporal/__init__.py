"""Journeys on Temporal: what runs beside their own code.

activities                           what they call: turns, tool calls, people's work
engine context evidence              what activities work with, and what a decision is made on
handover record                      what they write: tasks for people, entries of the ledger
dispatcher sender archive            from the outbox to journeys; from journeys that have closed to their keeping
codec personal erased sandbox        payloads: sealed for whom they are about, readable after an erasure
worker plugin connection logs telemetry    the processes
reconcile replay failing             Temporal held against the ledger, and against this build
"""
