"""Wishes for a person in the languages beside English."""

import pytest

from journeyman.conversation.triggers import triggers


@pytest.mark.parametrize(
    "text",
    [
        "Ich will einen Menschen sprechen",
        "Ich möchte mit einem Menschen sprechen",
        "Kann ich bitte mit einem Mitarbeiter sprechen?",
        "Ich brauche einen Menschen",
        "Ich will nicht mit einem Roboter sprechen",
        "Ich will keinen Bot, ich will einen Menschen sprechen",
        "Ich will keinen Bot sondern einen Menschen",
        "Ich verstehe das nicht, ich möchte mit einem Menschen sprechen",
        "Das hilft mir nicht. Mitarbeiter bitte",
        "Mensch",
        "Gibt es hier keinen Menschen?",
        "Gibt es denn keinen Menschen, mit dem ich reden kann?",
        "Warum kann ich nicht mit einem Menschen sprechen?",
        "Ich kann keinen Mitarbeiter erreichen",
        "quiero hablar con una persona",
        "Quiero hablar con un agente, por favor",
        "No quiero hablar con un robot, quiero hablar con una persona",
        "no entiendo, quiero hablar con una persona",
        "No funciona y quiero hablar con una persona",
        "¿No puedo hablar con una persona?",
        "¿Por qué no puedo hablar con una persona?",
        "no quiero un bot sino una persona",
        "je veux parler à une personne",
        "Je veux parler à un conseiller",
        "je voudrais parler à quelqu'un",
        "Je ne veux pas parler à un robot, je veux parler à une personne",
        "Je ne comprends pas, je veux parler à un conseiller",
        "ça ne marche pas je veux parler à un humain",
        "Je ne peux pas parler à une personne ?",
        "je ne veux pas d'un robot mais parler à une personne",
        "Ne puis-je pas parler à un humain",
        "Pourquoi je ne peux pas parler à une personne",
        "Pásame con un agente",
        "Páseme con una persona, por favor",
        "Passez-moi quelqu'un",
        "Je ne veux parler qu'à un conseiller",
        "Un humain svp",
        "Kann mich jemand anrufen? Ich brauche jemanden",
        "No quiero esto quiero hablar con una persona",
    ],
)
def test_who_wishes_for_a_person_is_heard(text: str) -> None:
    assert "person_request" in triggers(text)


@pytest.mark.parametrize(
    "text",
    [
        "Ich will keinen Menschen sprechen",
        "Ich möchte nicht mit einem Menschen sprechen",
        "Ich will mit keinem Mitarbeiter sprechen",
        "Ich brauche keinen Mitarbeiter",
        "Ich brauche keine Mitarbeiterin, danke",
        "Ich muss nicht mit einem Mitarbeiter reden",
        "Bitte nicht mit einem Menschen verbinden",
        "Ohne mit einem Menschen zu sprechen",
        "Ich will das lieber ohne Menschen klären",
        "Sie müssen mich nicht mit einem Mitarbeiter verbinden",
        "no quiero hablar con una persona",
        "No necesito hablar con un agente",
        "no hace falta que hable con una persona",
        "No quiero ninguna persona",
        "prefiero no hablar con una persona",
        "sin hablar con una persona",
        "nunca pedí hablar con un agente",
        "no me pase con una persona",
        "je ne veux pas parler à une personne",
        "Je n'ai pas besoin de parler à un conseiller",
        "je ne souhaite pas parler à quelqu'un",
        "Je n'ai pas besoin d'un humain",
        "pas besoin de parler à une personne",
        "Je préfère ne pas parler à un conseiller",
        "sans parler à une personne",
        "je ne veux parler à personne",
        "j'veux pas parler à un humain",
        "no thanks, I do not want to talk to a person",
        "Spreche ich mit einem Menschen?",
        "Ich möchte meine Karte sperren lassen",
        "mais une personne a pris ma voiture",
        "Otra persona iba en el coche",
        "Nein danke, ich brauche keinen Berater",
    ],
)
def test_who_does_not_want_a_person_is_heard_too(text: str) -> None:
    assert "person_request" not in triggers(text)
