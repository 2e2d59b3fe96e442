"""Doubles of systems that are not ours to run: a bank and a payment provider, each a process of its own over HTTP.

They keep their own logs, so that what was done to them is counted by them and not by the engine that did it.
"""
