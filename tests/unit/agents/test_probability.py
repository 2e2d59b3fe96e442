import json
import math
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from journeyman.agents.completion import Token
from journeyman.agents.probability import token_probability, value_spans


def _tokens(*pieces: str | tuple[str, float]) -> list[Token]:
    return [Token(piece, 0.0) if isinstance(piece, str) else Token(piece[0], math.log(piece[1])) for piece in pieces]


def _text(tokens: list[Token]) -> str:
    return "".join(token.text for token in tokens)


def test_it_is_the_least_probable_value_token_in_per_mille() -> None:
    tokens = _tokens('{"result": {"', "a", '": "', ("yes", 0.9), '", "b": ', ("41", 0.25), "}}")
    assert token_probability(_text(tokens), tokens) == 250


def test_keys_and_syntax_do_not_count() -> None:
    tokens = _tokens(('{"result"', 0.01), (': {"', 0.01), ("a", 0.01), ('": ', 0.01), ("1", 0.8), ("}}", 0.01))
    assert token_probability(_text(tokens), tokens) == 800


def test_a_token_of_both_syntax_and_value_counts() -> None:
    tokens = _tokens('{"result": {"a":', (' "y', 0.5), 'es"}}')
    assert token_probability(_text(tokens), tokens) == 500


def test_what_is_beside_the_result_does_not_count() -> None:
    tokens = _tokens(
        '{"say": "', ("thanks", 0.1), '", "result": {"a": ', ("1", 0.7), '}, "confidence": ', ("900", 0.1), "}"
    )
    assert token_probability(_text(tokens), tokens) == 700


def test_only_declared_fields_count() -> None:
    tokens = _tokens('{"result": {"a": ', ("1", 0.7), ', "made_up": ', ("2", 0.1), "}}")
    assert token_probability(_text(tokens), tokens, fields=["a"]) == 700


def test_choosing_nothing_counts() -> None:
    for nothing in ('""', "[]", "{}"):
        opening, closing = nothing
        tokens = _tokens('{"result": {"a": ' + opening, (closing, 0.3), "}}")
        assert token_probability(_text(tokens), tokens) == 300


def test_tokens_that_are_parts_of_a_character_are_aligned() -> None:
    raw = "é".encode()
    tokens = [
        *_tokens('{"result": {"a": "'),
        Token("\ufffd", math.log(0.6), raw[:1]),
        Token("\ufffd", math.log(0.4), raw[1:]),
        *_tokens('"}}'),
    ]
    assert token_probability('{"result": {"a": "é"}}', tokens) == 400


def test_an_end_of_text_token_and_stripped_space_are_tolerated() -> None:
    tokens = _tokens("\n", '{"result": {"a": ', ("1", 0.7), "}}", ("<|im_end|>", 0.01))
    assert token_probability('{"result": {"a": 1}}', tokens) == 700


@pytest.mark.parametrize(
    ("text", "tokens"),
    [
        ('{"result": {"a": 1}}', None),
        ('{"result": {"a": 1}}', []),
        ('{"result": {"a": 1}}', _tokens('{"result": {"a": 2}}')),
        ('{"result": null}', _tokens('{"result": null}')),
        ('{"say": "hello"}', _tokens('{"say": "hello"}')),
        ("no JSON", _tokens("no JSON")),
        ("5 }", _tokens("5 }")),
        ('{"result": {"a"', _tokens('{"result": {"a"')),
    ],
)
def test_what_was_not_measured_is_absent(text: str, tokens: list[Token] | None) -> None:
    assert token_probability(text, tokens) is None


def test_impossible_log_probabilities_stay_within_the_scale() -> None:
    text = '{"result": {"a": 1}}'
    assert token_probability(text, [Token(text, -9999.0)]) == 0
    assert token_probability(text, [Token(text, 0.5)]) == 1000
    assert token_probability(text, [Token(text, math.nan)]) is None


leaves = st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | st.text()
values = st.recursive(
    leaves,
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=6), inner, max_size=4),
    max_leaves=12,
)
objects = st.dictionaries(st.text(max_size=6), values, min_size=1, max_size=4)
indents = st.sampled_from([None, 0, 2])


def _leaves(value: Any) -> list[Any]:
    if isinstance(value, dict) and value:
        return [leaf for item in value.values() for leaf in _leaves(item)]
    if isinstance(value, list) and value:
        return [leaf for item in value for leaf in _leaves(item)]
    return [value]


@given(objects, indents, st.booleans())
def test_the_spans_of_any_json_are_its_values_in_order(value: dict[str, Any], indent: int | None, ascii: bool) -> None:
    text = json.dumps(value, indent=indent, ensure_ascii=ascii)
    found = [text[start:end] for _, start, end in value_spans(text)]
    expected = [
        json.dumps(leaf, ensure_ascii=ascii).strip('"') if isinstance(leaf, str) and '"' not in leaf else None
        for leaf in _leaves(value)
    ]
    assert len(found) == len(expected)
    for span, leaf, written in zip(found, _leaves(value), expected, strict=True):
        if leaf == "" or leaf == [] or leaf == {}:
            assert span in '"]}'
        elif isinstance(leaf, str):
            assert json.loads(f'"{span}"') == leaf
        else:
            assert span == (written or json.dumps(leaf))


@given(st.dictionaries(st.text(max_size=6), values, min_size=1, max_size=4), st.data())
def test_any_cut_into_tokens_finds_the_token_of_a_value(fields: dict[str, Any], data: st.DataObject) -> None:
    text = json.dumps({"say": "words", "result": fields}, ensure_ascii=False)
    raw = text.encode()
    cuts = sorted(data.draw(st.sets(st.integers(1, len(raw) - 1), max_size=12)))
    pieces = [raw[start:end] for start, end in zip([0, *cuts], [*cuts, len(raw)], strict=True)]
    found = [(start, end) for path, start, end in value_spans(text) if path[0] == "result"]
    spans = [(len(text[:start].encode()), len(text[:end].encode())) for start, end in found]
    chosen = data.draw(st.integers(0, len(pieces) - 1))
    start = sum(len(piece) for piece in pieces[:chosen])
    end = start + len(pieces[chosen])
    of_value = any(left < end and start < right for left, right in spans)
    tokens = [
        Token(piece.decode(errors="replace"), math.log(0.125) if number == chosen else 0.0, piece)
        for number, piece in enumerate(pieces)
    ]
    assert token_probability(text, tokens) == (125 if of_value else 1000)
