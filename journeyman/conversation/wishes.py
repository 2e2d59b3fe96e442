"""How customers wish for a person in German, Spanish and French, and how they say that they do not: folded, in lower case.

Only a wish that is itself denied ("no quiero", "ich muss nicht", "pas besoin") is none: who cannot reach a person ("¿por qué no
puedo hablar con una persona?") or refuses a bot wishes for one.
"""

import re
from typing import Final

_DE_PERSON: Final = (
    r"(?:mensch(?:en)?|mitarbeiter(?:in)?|(?:kunden)?berater(?:in)?|sachbearbeiter(?:in)?|ansprechpartner(?:in)?)"
)
_ES_PERSON: Final = r"(?:persona|human[oa]|agente|asesora?|operadora?|representante)"
_FR_PERSON: Final = r"(?:personne|humaine?|conseill(?:er|ere)|operat(?:eur|rice)|interlocut(?:eur|rice))"

WISHES: Final = (
    # German: "ich will einen Menschen sprechen", "ich brauche jemanden", "gibt es hier keinen Menschen?"
    r"(?:will|mochte|brauche|verlange|hatte|wurde|wunsche|sprech(?!e ich|en wir)\w*|rede(?! ich|n wir)\w*|erreich\w*|gibt es)"
    r"(?: (?:ich|hier|denn|gern|gerne|bitte|jetzt|sofort|endlich|lieber|nur|doch|mit|einen?|einem|einer|den|dem|der|echten?"
    r"|richtigen?|menschlichen?|anderen?)){0,6}"
    rf" (?:{_DE_PERSON}|jemand(?:en|em)?)",
    rf"(?:gibt es|ist)(?: (?:hier|da|denn|bei ihnen|gar|uberhaupt)){{0,3}} kein(?:en?|e)? {_DE_PERSON}",
    rf"kein(?:en?|e)? {_DE_PERSON} (?:erreich\w*|ans telefon|zu erreichen|zu sprechen)",
    r"(?:nicht|kein(?:en|em|er|e)?)(?: (?:mehr|langer|mit|einem|einer|diesem|dieser|so)){0,3}"
    r" (?:roboter|bot|chatbot|maschine|ki|computer|automaten)",
    rf"{_DE_PERSON},? bitte",
    # Spanish: "quiero un agente", "pásame con una persona"
    r"(?<!no )(?:quiero|necesito|quisiera|deseo|dame|deme|pas[ae]me|comuni(?:ca|que)me|ponme|pongame)"
    rf"(?: (?:con|a|un|una|el|la|otra|otro|ya|algun|alguna|por favor)){{0,4}} (?:{_ES_PERSON}|alguien)",
    r"no quiero (?:mas )?(?:hablar con )?(?:(?:un|una|este|esta|el|la) )?(?:robots?|bots?|chatbots?|maquinas?)",
    rf"(?:sino|solo) con (?:un|una) {_ES_PERSON}",
    rf"{_ES_PERSON},? por favor",
    # French: "je voudrais un conseiller", "passez-moi quelqu'un"
    r"(?<!pas )(?<!plus )(?:veux|voudrais|souhaite|aimerais|besoin|donnez[- ]moi|passez[- ]moi|cherche)"
    rf"(?: (?:un|une|a|de|avec|le|la|vraie?|autre)| d'une?){{0,4}} (?:{_FR_PERSON}|quelqu'un)",
    r"(?:veux|souhaite|voudrais|aimerais) (?:pas|plus)(?: (?:parler|discuter|a|au|avec|un|une|de|ce)| d'une?){0,3}"
    r" (?:robot|bot|chatbot|machine|ia)",
    rf"qu'a une? {_FR_PERSON}",
    rf"{_FR_PERSON},? (?:svp|stp|s'il vous plait|s'il te plait)",
    # all there is
    rf"^[^\w\n]{{0,20}}(?:einen? |una? |une )?(?:{_DE_PERSON}|{_ES_PERSON}|{_FR_PERSON})[^\w\n]{{0,20}}$",
)
"""More ways to say what `trigger_patterns` calls `person_request`."""

CLAUSES: Final = r"und|aber|sondern|weil|y(?!')|pero|sino|porque|et|mais|parce"
"""Words that begin a clause to which a negation before them does not reach."""

_DE_WANT: Final = r"(?:will|wollen|wollte|mochte|muss|mussen|musste|brauche|soll|sollen|wunsche|bitte|lieber)"
_ES_WANT: Final = (
    r"(?:quiero|quisiera|queria|necesito|deseo|requiero|pedi|he pedido|pienso|prefiero|hace falta|tengo (?:que|ganas de)"
    r"|me gustaria|hay que|es necesario)"
)
_FR_WANT: Final = r"(?:veux|veut|voulons|voudrais|souhaite|souhaitons|souhaiterais|desire|aimerais|cherche|demande)"
_FR_NEED: Final = r"(?:besoin|envie|l'intention|demande|la peine)"

NEGATED: Final = re.compile(
    rf"\b(?:{_DE_WANT}(?: (?!{_DE_WANT}\b)\w+){{0,3}} (?:nicht|nie|niemals|keinesfalls|auf keinen fall)"
    r"(?: (?:mehr|jetzt|gleich|unbedingt|wieder|erst|extra|schon|direkt|immer)){0,2}"
    rf"|(?:no|nunca|tampoco) {_ES_WANT}(?: (?!{_ES_WANT}\b)\w+){{0,2}}"
    r"|prefiero no|mejor no|sin(?: tener que)?"
    rf"|{_FR_WANT} (?:pas|plus|jamais)(?: (?!{_FR_WANT}\b)[\w']+){{0,2}}"
    rf"|(?:ai|avons|a) (?:pas|plus|jamais) {_FR_NEED}(?: de)?|pas {_FR_NEED}(?: de)?"
    rf"|(?:ne |n'){_FR_WANT}|(?<!pourquoi )ne pas|sans(?: devoir)?)\s*$"
)
"""At the end of what stands before a wish: the wish is denied."""
