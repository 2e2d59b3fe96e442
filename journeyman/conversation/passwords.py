"""Passwords in a text: named by the customer, or typed because one was asked for."""

import re

from journeyman.conversation.asking import mentions
from journeyman.conversation.secret_numbers import Cut

_PASSWORD_GIVEN = re.compile(
    r"(?<![a-z])(?:pass ?words?|pass ?phrases?|passwd|passwort|pwd|contrasena|mot de passe|kennwort)(?![a-z])"
    r"(?:\s+(?:for|to|of|on)\s+(?:\w+\s+){1,4}?(?=is\b|was\b|[:=]))?"
    r"\s*(?:(?:[:=]|->)|(?:is|was|ist|lautet|es|est|might be|should be|would be|could be|used to be)\b\s*:?)\s*",
    re.IGNORECASE,
)
_PASSWORD_ASKED_GLUE = re.compile(
    r"^(?:(?:ok(?:ay)?|sure|yes|yeah|well|um|uh|hmm|so|oh|hi)[\s,.!]+)*(?:(?:it(?:'s| is| was| should be| might be)|its"
    r"|that(?:'s| is)|this is|here (?:it is|you go)|try|i think(?: it(?:'s| is))?)[\s:,]+)*",
    re.IGNORECASE,
)
_NO_PASSWORD = re.compile(
    r"(?:not|wrong|incorrect|expired|invalid|the same|forgotten|lost|gone|locked|blocked|broken|missing|being|too|still"
    r"|no longer|correct|right|fine|ok|okay|required|needed|rejected|reset|changed|stolen|compromised|hacked|weak|old"
    r"|n't|never|please|what|why|how|where|a|an|unknown|different|private|secret|none|in|on|at|for|with|saved|stored)\b",
    re.IGNORECASE,
)
_NOT_GIVEN = re.compile(
    r"\b(?:don't|do not|dont|forgot|forgotten|can't|cant|cannot|no idea|not sure|what|why|how|who|help|reset|lost|unsure"
    r"|person|agent|human|nope|none|sorry)\b|\?",
    re.IGNORECASE,
)


_NAMED_AFTER = re.compile(
    r"(?<!\S)(?P<value>[^\s\"']{4,64})[\"']?,? (?:is|was)(?: (?:my|the|our))? pass ?(?:word|phrase)(?![a-z])",
    re.IGNORECASE,
)
_BESIDE = re.compile(
    r"(?<![a-z])(?:(?:password|passphrase|pwd|passwd)[\s?:=>,\"'-]{1,4}"
    r"|(?:pass|pw|pass ?code)(?: (?:is|was))?[\s?:=>,\"'-]{1,4}(?!\d+\b))(?P<value>[^\s\"',;]{4,64})",
    re.IGNORECASE,
)
_WORD = re.compile(r"\S+")
_PROSE_WORDS = (
    "and but or so because can could please my i i'm the thanks thank what why how is was with for on in now you if not it "
    "this that then there when help account"
)
_PROSE = frozenset(_PROSE_WORDS.split())


def password_cuts(text: str, asked: str | None) -> list[Cut]:
    """The spans of passwords in folded `text`."""
    cuts: list[Cut] = []
    for match in _PASSWORD_GIVEN.finditer(text):
        cuts += _given(text, match.end())
    for pattern in (_NAMED_AFTER, _BESIDE):
        for match in pattern.finditer(text):
            start, end = match.span("value")
            end -= len(match["value"]) - len(match["value"].rstrip(".,;)?"))
            if _is_odd(text[start:end]) and not any(cut.start < end and start < cut.end for cut in cuts):
                cuts.append(Cut(start, end, "password", text[start:end]))
    if not cuts and asked is not None and "password" in mentions(asked):
        cuts = _answered(text)
    return cuts


def _is_odd(token: str) -> bool:
    """Whether `token` is hardly a word of prose: letters mixed with digits or signs, or digits alone."""
    return len(token) >= 4 and any(not (char.isalpha() or char in "'-.") for char in token)


def _trimmed(text: str, start: int, end: int) -> int:
    return start + len(text[start:end].rstrip(".,;)?"))


def _given(text: str, at: int) -> list[Cut]:
    """What follows "my password is"."""
    if at < len(text) and text[at] in "\"'":
        close = text.find(text[at], at + 1, at + 130)
        if close > at + 1:
            return [Cut(at + 1, close, "password", text[at + 1 : close])]
    if _NO_PASSWORD.match(text, at):
        return []
    first = _WORD.match(text, at)
    if first is None:
        return []
    end = _trimmed(text, *first.span())
    if end <= at:
        return []
    if _is_odd(text[at:end]):
        cuts = [Cut(at, end, "password", text[at:end])]
        other = re.compile(r"\s+or\s+(?:maybe\s+)?(\S+)").match(text, end)
        if other is not None:
            stop = _trimmed(text, *other.span(1))
            cuts.append(Cut(other.start(1), stop, "password", text[other.start(1) : stop]))
        return cuts
    # a pass phrase: plain words up to the end of the clause
    for _ in range(5):
        following = re.compile(r" +([A-Za-z]+)").match(text, end)
        if following is None or following.group(1).lower() in _PROSE:
            break
        end = following.end()
    return [Cut(at, end, "password", text[at:end])]


def _answered(text: str) -> list[Cut]:
    """What answers "what is your password?"."""
    glue = _PASSWORD_ASKED_GLUE.match(text.lstrip())
    start = len(text) - len(text.lstrip()) + (glue.end() if glue else 0)
    words = [match.span() for match in _WORD.finditer(text, start)]
    if not words:
        return []
    odd = [(first, _trimmed(text, first, last)) for first, last in words]
    odd = [(first, last) for first, last in odd if _is_odd(text[first:last])]
    if odd:
        return [Cut(first, last, "password", text[first:last]) for first, last in odd]
    if len(words) > 6 or _NOT_GIVEN.search(text):
        return []
    first, last = words[0][0], _trimmed(text, words[-1][0], words[-1][1])
    return [Cut(first, last, "password", text[first:last])] if last > first else []
