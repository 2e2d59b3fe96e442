"""The published knowledge: put in force by whom policy lets, searched, cited for ever."""

from pathlib import Path
from random import Random

import pytest

from journeyman.errors import DeniedError, InputError, LedgerError, NotFoundError
from journeyman.knowledge import Audience, Base, Found, read, search
from journeyman.store import Database
from journeyman.tasks.publication import publish_base
from journeyman.views.knowledge import consult, open_citation
from tests.integration.tasks.world import NOW, World

SHIPPED = Base.load(Path(__file__).parents[3] / "knowledge")
KINDS = ("bank-service", "insurance-claim")


async def publish(world: World, base: Base, person: str = "paula") -> bool:
    return await publish_base(world.desk, base, person, kinds=KINDS, auth="token", now=NOW)


async def find(
    world: World,
    query: str,
    *,
    kind: str | None = None,
    language: str = "en",
    audience: Audience = "people",
    limit: int = 5,
) -> list[Found]:
    async with world.database.connection() as conn:
        return await search(conn, query, kind=kind, language=language, audience=audience, limit=limit)


def places(found: list[Found]) -> list[str]:
    return [each.citation.partition("@")[0] for each in found]


async def test_an_author_publishes_and_it_is_on_the_record(world: World) -> None:
    assert await publish(world, SHIPPED)
    assert not await publish(world, SHIPPED)
    async with world.database.connection() as conn:
        rows = await conn.fetch(
            "select type, convert_from(body, 'UTF8')::jsonb as body from entry where type like '%publish%' order by id"
        )
    assert [row["type"] for row in rows] == ["published", "decision.publish_policy"]
    published, decision = (row["body"] for row in rows)
    assert published["actor"] == {"kind": "person", "id": "paula", "auth": "token"}
    assert published["refs"] == {"subject": "knowledge"}
    assert published["facts"]["hash"] == decision["facts"]["knowledge"] == SHIPPED.hash
    assert decision["policies"] == ["authors-publish"]


async def test_whoever_is_no_author_publishes_nothing(world: World) -> None:
    with pytest.raises(DeniedError, match="`ana` may not `publish_policy`"):
        await publish(world, SHIPPED, "ana")
    assert await world.value("select count(*) from knowledge_base") == 0
    assert await find(world, "fraud") == []


async def test_what_is_to_be_mended_is_not_published(world: World) -> None:
    with pytest.raises(DeniedError, match="has not passed its check") as denied:
        await publish(world, Base({"a.md": "---\nkinds: nowhere\n---\n# A\nb"}))
    assert denied.value.policies == ("publish-only-checked",)


async def test_the_services_role_neither_changes_nor_deletes_what_was_published(world: World) -> None:
    await publish(world, SHIPPED)
    for statement in (
        "update knowledge_base set files = '{}'",
        "delete from knowledge_base",
        "update knowledge_section set text = 'x'",
        "delete from knowledge_section",
    ):
        with pytest.raises(Exception, match="permission denied"):
            async with world.database.connection() as conn:
                await conn.execute(statement)


@pytest.mark.parametrize(
    ("query", "first"),
    [
        ("opening hours", "everyone/opening-hours.md#opening-hours"),
        ("lost card", "bank-service/report-fraud.md#lost-or-stolen-card"),
        ("what is needed to tell a balance", "bank-service/balance.md#what-is-needed-for-a-balance"),
        ("theft police", "insurance-claim/settlement.md#half-of-the-settlement"),
        ("link expired", "insurance-claim/excess.md#when-the-link-does-not-work"),
        ("complaining", "everyone/complaints.md#how-a-customer-complains"),
        ('"mother\'s maiden name"', "bank-service/authentication.md#without-account-number-or-pin"),
        ("what an erasure destroys", "everyone/erasure-requests.md#what-happens"),
    ],
)
async def test_the_best_passage_comes_first(world: World, query: str, first: str) -> None:
    await publish(world, SHIPPED)
    assert places(await find(world, query))[0] == first


async def test_what_has_all_words_comes_alone_and_else_any_word_will_do(world: World) -> None:
    await publish(world, Base({"a.md": "# Prices\nA fee.\n## Plastic\nA card.\n## Both\nA card has a fee."}))
    assert places(await find(world, "card fee")) == ["a.md#both"]
    assert places(await find(world, "card zebra")) == ["a.md#plastic", "a.md#both"]
    assert places(await find(world, "card -fee")) == ["a.md#plastic"]
    assert await find(world, "zebra giraffe") == []
    assert await find(world, "the and of") == []


async def test_the_excerpt_is_plain_text_with_what_fits_marked(world: World) -> None:
    await publish(world, Base({"a.md": "# A\nWe block\n\ncards & <b>blocked</b> ones stay so."}))
    (found,) = await find(world, "blocking")
    assert "\n" not in found.excerpt
    assert [found.excerpt[begin:end] for begin, end in found.marks] == ["block", "blocked"]


async def test_a_kinds_knowledge_is_not_anothers_and_what_is_for_people_is_for_people(world: World) -> None:
    await publish(world, SHIPPED)
    assert any("bank-service/" in place for place in places(await find(world, "customer", limit=50)))
    for_claims = places(await find(world, "customer", kind="insurance-claim", limit=50))
    assert for_claims
    assert not any("bank-service/" in place for place in for_claims)
    assert any("erasure" in place for place in for_claims)
    for_ai = await find(world, "erasure vulnerable key supervisor", audience="all", limit=50)
    assert {each.audience for each in for_ai} <= {"all"}


async def test_a_language_is_read_by_its_own_rules_and_preferred(world: World) -> None:
    await publish(world, SHIPPED)
    german = await find(world, "Aufzeichnungen Gespräche", language="de-AT")
    assert places(german) == ["everyone/mit-einem-menschen-sprechen.md#ki-und-aufzeichnung"]
    assert (await find(world, "recorded", language="de"))[0].language == "en"  # nothing in German fits
    assert {each.language for each in await find(world, "person", language="fr")} == {"en"}


async def test_an_old_citation_opens_as_it_was_after_another_version_took_effect(world: World) -> None:
    await publish(world, Base({"fee.md": "# Fee\nIt is 10.00."}))
    (before,) = await find(world, "fee")
    await publish(world, Base({"fee.md": "# Fee\nIt is 12.00."}))
    (after,) = await find(world, "fee")
    assert before.citation != after.citation
    async with world.database.connection() as conn:
        opened, current = await read(conn, before.citation), await read(conn, after.citation)
    assert (opened.text, opened.current) == ("It is 10.00.", False)
    assert (current.text, current.current, current.title) == ("It is 12.00.", True, "Fee")


async def test_a_version_that_was_in_force_before_takes_effect_again(world: World) -> None:
    first, second = Base({"a.md": "# A\none"}), Base({"a.md": "# A\ntwo"})
    assert [await publish(world, base) for base in (first, second, first)] == [True, True, True]
    assert (await find(world, "one"))[0].text == "one"
    assert await world.value("select count(*) from knowledge_section") == 2


async def test_a_citation_of_nothing_is_not_found_and_of_what_was_altered_is_said_to_be(
    world: World, owner_database: Database
) -> None:
    await publish(world, Base({"a.md": "# A\none"}))
    (found,) = await find(world, "one")
    async with world.database.connection() as conn:
        for unknown in ("a.md#b" + found.citation[6:], found.citation[:-12] + "0" * 12):
            with pytest.raises(NotFoundError, match="search for it anew"):
                await read(conn, unknown)
        with pytest.raises(InputError, match="no citation"):
            await read(conn, "a.md")
        async with owner_database.connection() as owner:
            await owner.execute("update knowledge_section set text = 'two'")
        with pytest.raises(LedgerError, match="was altered"):
            await read(conn, found.citation)
        async with owner_database.connection() as owner:
            await owner.execute('update knowledge_base set files = \'{"a.md": "# A\\ntwo"}\'')
        with pytest.raises(LedgerError, match="was altered"):
            await read(conn, found.citation)


async def test_people_look_up_what_policy_lets_them(world: World) -> None:
    await publish(world, SHIPPED)
    (found, *_) = await consult(world.desk, "ana", "erasure", kind="bank-service", auth="token")
    assert found.audience == "people"
    assert (await open_citation(world.desk, "out", found.citation, auth="token")).text == found.text
    with pytest.raises(NotFoundError, match="no person `nobody`"):
        await consult(world.desk, "nobody", "erasure", auth="token")


HOSTILE = (
    *(
        "",
        " ",
        "'",
        '"',
        "&",
        "|",
        "!",
        "<->",
        "-",
        "- -",
        "or",
        "or or or",
        "a or",
        "a & | b",
        "((((",
        "foo:*",
        "a:1A b:2B",
        "\\",
    ),
    *("x\x00y", "\ud800", "\u202e\u0301\u200b", "🂡" * 500, "x" * 100_000, "%s $1 {0}", '"unclosed', "-card"),
    *("'; drop table knowledge_base; --", "<script>alert(1)</script>", "https://example.com/a?b=c & d", "/etc/passwd"),
    "1e400 -5 +44 20 7946 0999",
    "-" * 80 + "\nsent from my phone",
    "- " * 80,
)


async def test_no_query_raises(world: World) -> None:
    await publish(world, SHIPPED)
    for query in HOSTILE:
        for language in ("en", "de", query):
            await find(world, query, kind=query, language=language, limit=10**9)
            await find(world, query, language=language, limit=-1)
    assert await world.value("select count(*) from knowledge_base") == 1


async def test_nor_does_any_made_of_what_queries_are_made_of(world: World) -> None:
    await publish(world, SHIPPED)
    dice = Random(7)
    for _ in range(200):
        await find(world, "".join(dice.choices("ab'\"\\&|!()<>:* -/.@%ä\u0301", k=dice.randint(1, 40))))
