"""Governance: one policy language for AI agents and people. Pure: no database, no network."""

from journeyman.governance.authorizer import Authorizer
from journeyman.governance.bundle import Bundle
from journeyman.governance.collaboration import (
    CollaborationModel,
    may_ask,
    may_assist,
    may_call,
    may_complete,
    may_perform,
    may_propose,
    may_say,
    unpermitted,
)
from journeyman.governance.decision import Decision, Principal, Question, Resource
from journeyman.governance.facts import Facts

__all__ = [
    "Authorizer",
    "Bundle",
    "CollaborationModel",
    "Decision",
    "Facts",
    "Principal",
    "Question",
    "Resource",
    "may_ask",
    "may_assist",
    "may_call",
    "may_complete",
    "may_perform",
    "may_propose",
    "may_say",
    "unpermitted",
]
