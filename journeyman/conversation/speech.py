"""What a sentence of an AI agent does, decided by fixed rules and not by the model's own word.

Policy reads the result before a message goes to a customer: commitments, amounts that nothing has verified, links that
are not listed, the pretence of being human, secrets asked for or given away. Pure; the same text always reads the same.
"""

import re
from collections.abc import Collection
from dataclasses import dataclass, fields

from journeyman.conversation.asking import asks
from journeyman.conversation.english import is_english
from journeyman.conversation.links import links, listed, number_listed, numbers
from journeyman.conversation.money import amounts
from journeyman.conversation.normal import normal, put_together, readings
from journeyman.conversation.secret_numbers import number_cuts
from journeyman.conversation.speech_patterns import COMMITMENTS, commitment_patterns, human_patterns

UNREAD = "unread_language"
"""The commitment given to a text in a language that these rules do not read: what cannot be checked is not harmless."""

READ_LANGUAGES = frozenset(("en",))

_PROMISES = frozenset(("promise_payment", "refund", "reduction", "approval", "guarantee", "deadline"))
"""The commitments that are owed from then on."""


@dataclass(frozen=True, slots=True)
class Speech:
    """What one message does.

    `commitments`: promise_payment, refund, refusal, reduction, approval, guarantee, deadline, legal_advice, medical_advice,
    unread_language. `asks`: as `asking.asks`. `reveals`: pin, card, cvv, password (in clear), handle (of a secret).
    """

    commitments: frozenset[str] = frozenset()
    amounts_unverified: bool = False
    links_unlisted: bool = False
    claims_human: bool = False
    asks: frozenset[str] = frozenset()
    reveals: frozenset[str] = frozenset()

    @property
    def facts(self) -> dict[str, frozenset[str] | bool]:
        """What policies know of it: the `speech_*` of `governance.Facts`."""
        return {f"speech_{field.name}": getattr(self, field.name) for field in fields(self)}


_SENTENCE = re.compile(r"[^.?!;\n]*(?:\.(?=\S)[^.?!;\n]*)*[.?!;\n]*")
_INTERROGATIVE = re.compile(
    r"(?:^|[,:] ?|\b(?:and|or|so|but|now) |^(?:(?:sure|okay|ok|alright|great|thanks|thank you|well|right|sorry|hello|hi|hey"
    r"|yes|no|of course|then|also|meanwhile|in the meantime|perfect|excellent|good|oh|and|so|but|now)[,!.]? ){1,3})"
    r"(?:would|do|does|did|could|can|may|might|shall|should|will|are|is|was|were|have|has|what|which|when|where|who|why|how|am)"
    r"(?:n't)? [a-z]"
)
_DENIAL = re.compile(
    r"\b(?:can't|cannot|can not|couldn't|could not|unable to|not able to|won't|will not|not in a position to|don't"
    r"|do not|am not|'m not|not"
    r"|isn't|aren't|never|no|neither|without|nobody|only (?:a|my|our) (?:person|colleague|human)\w*)"
    r"(?: (?:be able to|yet|allowed to|going to|make|give|offer|able|say|tell|confirm|know|decide|promise|guarantee"
    r"|assure|commit"
    r"|whether|if|that|you|to|a|an|any|the|your|there|is|are|be|been|for|on|about|this|it|when|i|we|am|myself|will"
    r"|such|in advance"
    r"|anything|or|what|how))*\s*$"
)
_CONDITION = re.compile(
    r"\b(?:if|whether|once|until|unless|when|before|after|in case|should|who (?:can|will|may)|to (?:ask|see|decide"
    r"|check) (?:if|whether)"
    r"|for a|how|may|might|asking for|request(?:ing)? (?:a|the|for)|about (?:a|the|your)|because)(?: \w+){0,5} ?$"
)
_ASKED_FOR = re.compile(
    r"\b(?:you (?:want|asked|wrote|said|mentioned|told|reported|are asking|would like)|customer)(?: \w+){0,6} ?$"
)
_DENIABLE = frozenset(COMMITMENTS) - {"refusal", "legal_advice", "medical_advice"}
_CONDITIONAL = frozenset(("approval", "refund", "reduction", "refusal", "promise_payment"))
_NOT_HUMAN = re.compile(
    r"\b(?:not|n't|never|no|neither|isn't|ain't|if|whether|like|need|want|with|to|for|from|by)"
    r"(?: (?:a|an|the|really|actually|any|yet))*\s*$"
)
_HANDLE = re.compile(r"\[\s*(?:pin|password)\s*:|\bsec-[0-9a-z]{8,}")
_PASSWORD = re.compile(
    r"\bpass(?:word|phrase|code) (?:is|was|:|=)\s?:?\s*[\"']?(?!(?:not|wrong|correct|incorrect|required|needed|safe|secure|the"
    r"|a|an|to|in|for|never|reset|expired|invalid|now|also|your|case|too|different|accepted|changed|being|something|what|missing"
    r"|still|on)\b)\S{3,}"
)
_IN_BRACKETS = re.compile(r"\[[a-z]+(?::[\w-]+)?\]|https?://\S+|\S+@\S+")  # handles and addresses are no words


def assess(
    text: str,
    *,
    verified_amounts: Collection[int],
    allowed_links: Collection[str],
    verified_numbers: Collection[str] = (),
    language: str = "en",
) -> Speech:
    """What `text` does.

    `verified_amounts`: minor units that a tool result or the journey's state holds. `allowed_links`: as `links.listed`, and
    telephone numbers. `verified_numbers`: texts that tools have given: numbers in them may be told, and a listed link that is
    one of them holds no amount, whatever its token looks like. `language`: a BCP 47 tag; rules for commitments exist for
    English, and another language, or a sentence in one, is `unread_language`.
    """
    read = readings(text)
    commitments: set[str] = set()
    claims_human = False
    for reading in read:
        for sentence in _sentences(reading):
            commitments |= _commitments(sentence)
            claims_human = claims_human or _claims_human(sentence)
    if not _is_read(text, language):
        commitments.add(UNREAD)
    return Speech(
        commitments=frozenset(commitments),
        amounts_unverified=any(
            amount.minor is None or amount.minor not in verified_amounts
            for amount in amounts(_without_given_links(text, allowed_links, verified_numbers))
        ),
        links_unlisted=any(not listed(link, allowed_links) for link in links(text))
        or any(not number_listed(number, allowed_links, verified_numbers) for number in numbers(text)),
        claims_human=claims_human,
        asks=asks(text),
        reveals=_reveals(text),
    )


def promises(text: str) -> tuple[str, ...]:
    """The sentences of `text` that promise something, as they were written. In another language than English none is known."""
    return tuple(
        sentence
        for sentence in _sentences(text)
        if any(_PROMISES & _commitments(part) for reading in readings(sentence) for part in _sentences(reading))
    )


def _without_given_links(text: str, allowed: Collection[str], given: Collection[str]) -> str:
    for link in sorted(
        (each for each in given if "://" in each and listed(each.lower(), allowed)), key=len, reverse=True
    ):
        text = text.replace(link, " ")
    return text


def _sentences(text: str) -> list[str]:
    return [match.group().strip() for match in _SENTENCE.finditer(text) if match.group().strip()]


def _commitments(sentence: str) -> set[str]:
    asking = sentence.endswith("?") and _INTERROGATIVE.search(sentence) is not None
    return {name for name, patterns in commitment_patterns().items() if _holds(name, patterns, sentence, asking)}


def _holds(name: str, patterns: tuple[re.Pattern[str], ...], sentence: str, asking: bool) -> bool:
    for pattern in patterns:
        for match in pattern.finditer(sentence):
            before = re.split(
                r"[,:](?! (?:that|which))|\b(?:but|however)\b", sentence[max(0, match.start() - 80) : match.start()]
            )[-1]
            if asking:
                # "Your claim is approved, ok?" tells; "shall I approve the payment?" asks
                opener = _INTERROGATIVE.search(sentence)
                if opener is None or opener.start() <= match.start():
                    continue
            if name in _DENIABLE and _DENIAL.search(before):
                continue
            if name in _CONDITIONAL and (_CONDITION.search(before) or _ASKED_FOR.search(before)):
                continue
            return True
    return False


def _claims_human(sentence: str) -> bool:
    for pattern in human_patterns():
        for match in pattern.finditer(sentence):
            if _NOT_HUMAN.search(sentence[max(0, match.start() - 40) : match.start()]) is None and not _is_denied(
                match.group()
            ):
                return True
    return False


def _is_denied(claim: str) -> bool:
    """Whether the words of a claim to be human are in fact its denial: "I am not a person"."""
    return (
        re.search(r"\b(?:not|no|never|isn't)\b.*\b(?:human|person|people|man|woman|employee|staff)", claim) is not None
    )


def _is_read(text: str, language: str) -> bool:
    if language.split("-")[0].split("_")[0].lower() not in READ_LANGUAGES:
        return False
    letters = [char for char in normal(text).text if char.isalpha()]
    if sum(not char.isascii() for char in letters) * 4 > len(letters):
        return False
    plain = put_together(_IN_BRACKETS.sub(" ", normal(text).text))
    return all(is_english(sentence) for sentence in _sentences(plain))


def _reveals(text: str) -> frozenset[str]:
    folded = normal(text).text
    found: set[str] = {cut.kind for cut in number_cuts(folded, None, strict=True)}
    lowered = folded.lower()
    if _HANDLE.search(lowered):
        found |= {"handle"}
    if _PASSWORD.search(lowered):
        found |= {"password"}
    return frozenset(found)
