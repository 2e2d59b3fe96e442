"""The form on a task's page, made from a step's output model: shown, posted back, checked, compared with a draft.

    form = form_of(step.output, prefix="output", zone=customer.time_zone)
    page = filled(form, draft)                  # or filled(form): its defaults
    page = posted(form, data.multi_items())     # what the browser sent, as it was typed
    if not rearranges(data.multi_items()):      # no row was added or removed
        value = checked(form, page, was=draft)  # or InputError, and the page tells it at each field
        changed = edits(filled(form, draft), page)

`templates/form.html` shows it. Pure: no database, no web framework.
"""

from journeyman.console.form.checking import blame, checked
from journeyman.console.form.difference import Change, How, Piece, difference, edits, told, words
from journeyman.console.form.filled import BLANK, Filled, Problem, filled
from journeyman.console.form.posted import posted, rearranges
from journeyman.console.form.tree import Choice, Field, Form, Kind, form_of

__all__ = [
    "BLANK",
    "Change",
    "Choice",
    "Field",
    "Filled",
    "Form",
    "How",
    "Kind",
    "Piece",
    "Problem",
    "blame",
    "checked",
    "difference",
    "edits",
    "filled",
    "form_of",
    "posted",
    "rearranges",
    "told",
    "words",
]
