"""Simulated customers and people on a real deployment, and an account of what came of it: what `journeyman demo` runs."""

from journeyman.testing.simulation.account import account
from journeyman.testing.simulation.demo import Demo, ProviderCounts
from journeyman.testing.simulation.open_house import open_house
from journeyman.testing.simulation.person import (
    Accept,
    Answer,
    Approve,
    Case,
    Complete,
    Deny,
    Dispose,
    Edit,
    HandBack,
    Handling,
    Reject,
)
from journeyman.testing.simulation.play import Play, Played
from journeyman.testing.simulation.progress import Progress
from journeyman.testing.simulation.scene import Act, Deed, Scene
from journeyman.testing.simulation.summary import Resolution, Summary
from journeyman.testing.simulation.world import World, opened

__all__ = [
    "Accept",
    "Act",
    "Answer",
    "Approve",
    "Case",
    "Complete",
    "Deed",
    "Demo",
    "Deny",
    "Dispose",
    "Edit",
    "HandBack",
    "Handling",
    "Play",
    "Played",
    "Progress",
    "ProviderCounts",
    "Reject",
    "Resolution",
    "Scene",
    "Summary",
    "World",
    "account",
    "open_house",
    "opened",
]
