"""What a message asks its reader for: which personal fields, and whether it asks anything.

Masking reads it from the message before ("and your PIN as well please." makes "1596" a PIN), policy from what an AI
agent is about to say (an agent that asks for a card number is stopped).
"""

import re

from journeyman.conversation.normal import normal

_FIELDS = {
    "pin": r"p\W?i\W?n\W?s?\b(?!\s*(?:code)?\s*(?:board|terest|ball))|pin ?codes?\b|pass ?codes?\b|access codes?\b"
    r"|(?:one|1)[- ]time (?:code|password)|\botp\b|verification codes?\b|personal identification number"
    r"|geheimzahl|codigo secreto|code secret|(?:code|number|digits)(?: \w+){0,4} (?:at|for|in|into) (?:the|an?|your) (?:atm|cash"
    r" ?(?:machine|point|dispenser))|(?:secret|four|4)[- ](?:digits? )?(?:code|number|digits)\b(?! (?:on|at|of))",
    "cvv": r"\bcvv2?\b|\bcvc2?\b|\bcsc\b|\bcv2\b|card security|(?<!social )security (?:code|number)\b|card verification"
    r"|(?:three|3|four|4)[- ]digits? (?:code |number )?(?:on|at) the (?:back|front)|code on the back",
    "card": r"\bcard(?:'s)? (?:number|no\b|nr\b|details|info)|\bcards? ?#|\bpan\b|(?:long|16|sixteen)[- ]digits? "
    r"(?:card )?number|(?:credit|debit|bank|payment) card (?:number|details|info)"
    r"|(?:long|16|sixteen) (?:digits?|numbers?|figures)|(?:number|numbers|digits|figures) (?:on|of|from|across|at|printed on) "
    r"(?:\w+ ){0,5}?(?:card|visa|mastercard|amex|maestro)\b|number (?:on|of) (?:your|the) "
    r"(?:\w+ )?card\b|(?:your|the) (?:credit|debit) card\b(?=[^.?!]{0,12}(?:\?|please))|kartennummer|numero de tarjeta",
    "password": r"\bpass ?words?\b|\bpass ?phrases?\b|\bpasswort\b|contrasena|mot de passe|\bpasswd\b|\bpwd\b",
    "name": r"\b(?:full|first|last|middle|sur|given|family)[- ]?names?\b|\byour names?\b|who (?:am i|are we) "
    r"(?:speaking|talking|chatting) (?:to|with)|(?:have|get|your|is) (?:your|the) name\b",
    "account_number": r"\baccounts?\s?(?:number|num\b|no\b|nr\b|#|details|id\b)|\bacct\b|\ba/c\b|\biban\b"
    r"|number of your account|kontonummer|(?:your|which|what) account\s*(?:\?|please)",
    "date_of_birth": r"date of (?:your )?birth|birth ?(?:date|day)|\bd\.?o\.?b\b|when were you born|(?:year|day|month) "
    r"of birth|how old are you|your age\b|geburtsdatum",
    "security_answer": r"maiden name|childhood pet|pet you had|name of (?:the|your) (?:first |childhood )?pet"
    r"|security (?:question|answer)s?|secret (?:question|answer)s?|memorable (?:word|date|place)|first (?:school|car)\b",
    "fraud_details": r"fraud (?:report|details)|(?:details?|describe|tell me|explain)[^.?!]{0,40}(?:fraud|happened)"
    r"|what (?:exactly )?happened",
}
_PATTERNS = {field: re.compile(pattern, re.IGNORECASE) for field, pattern in _FIELDS.items()}
_SENTENCES = re.compile(r"[^.?!\n;]+[?!]?|[.?!\n;]")

_REQUESTS = re.compile(
    r"\?|\bplease\b|\bpls\b|\b(?:give|tell|send|share|provide|enter|type|confirm|verify|state|spell|supply|submit|repeat"
    r"|reply|read|write|list|input|include|check|say|let me know|let me have|let's have)\b|\bi(?:'ll| will| would|'d)?"
    r"(?: also| just| then)? (?:need|require|have to (?:have|ask|know))|\bwe(?:'ll| will)?(?: also)? (?:need|require)"
    r"|\b(?:can|could|may|might) (?:i|we|you)\b|\bwhat(?:'s| is| was| are| were)?\b|\bdo you (?:have|know|remember"
    r"|recall)\b|\bwhich\b|\bwhen were\b|\bhow old\b|\bneed(?:ed)? (?:your|the|a|to know)\b|\brequired\b|\bas well\b"
    r"|\bmissing\b|\bstill need\b|\btry\b|\byour turn\b|\bthe rest\b",
    re.IGNORECASE,
)
_REFUSALS = re.compile(
    r"\b(?:never|don't|do not|cannot|can't|won't|will not|must not|mustn't|shouldn't|should not|needn't|need not"
    r"|no need|not necessary|didn't|did not|without|instead of|nobody|no one|doesn't|does not)\b"
    r"(?:(?!\bbut\b|\bhowever\b)[^.?!]){0,40}$",
    re.IGNORECASE,
)
_OFFERS = re.compile(
    r"\b(?:reset|change|changing|choose|set|set up|update|block|replace|unlock|recover|receive|forgot|forgotten"
    r"|have forgotten|don't (?:know|remember)|can't remember|problem with|trouble with)\s+(?:\w+\s+){0,2}$",
    re.IGNORECASE,
)


def mentions(text: str) -> frozenset[str]:
    """The fields that `text` names, asked for or not: `pin`, `cvv`, `card`, `password`, `name`, `account_number`,
    `date_of_birth`, `security_answer`, `fraud_details`."""
    folded = normal(text).text
    return frozenset(field for field, pattern in _PATTERNS.items() if pattern.search(folded))


def asks(text: str) -> frozenset[str]:
    """The fields that `text` asks the reader to give: named in a sentence that requests and does not warn against it.

    "We will never ask for your PIN" and "you can reset your password in the app" ask for nothing.
    """
    folded = normal(text).text
    if not (named := [field for field, pattern in _PATTERNS.items() if pattern.search(folded)]):
        return frozenset()
    found = set()
    for sentence in _SENTENCES.findall(folded):
        request = _REQUESTS.search(sentence) is not None
        for field in named:
            match = _PATTERNS[field].search(sentence)
            if match is None:
                continue
            before = sentence[: match.start()]
            if _REFUSALS.search(before) or _OFFERS.search(before):
                continue
            # a sentence that is little more than the field ("Account number and pin") is a request, too
            if request or len(sentence.split()) <= 5:
                found.add(field)
    return frozenset(found)
