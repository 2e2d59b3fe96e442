"""`policy check|test|explain|publish`: the rules, before and after they are in force."""

from typing import Annotated, cast

import typer
from pydantic import TypeAdapter, ValidationError

from journeyman.cli import output
from journeyman.cli.options import As, AsJson, group, read_json
from journeyman.cli.session import AUTH, Session, run
from journeyman.errors import InputError, NotFoundError, UnavailableError
from journeyman.governance import Authorizer, Bundle, Question, Resource, unpermitted
from journeyman.governance.bundle import read as read_files
from journeyman.governance.cases import CaseResult, diff, load_cases, unproven
from journeyman.governance.check import TOOLS, misnamed
from journeyman.governance.check import problems_of as problems_of_files
from journeyman.governance.explain import explain as explain_question
from journeyman.governance.schema import drift
from journeyman.misfit import misfit
from journeyman.project import Project
from journeyman.publishing import POLICIES, in_force
from journeyman.tasks import roster
from journeyman.tasks.publication import examine, publish_bundle

app = group("The rules: check, test, explain and publish them.")


@app.command("check")
def check(as_json: AsJson = False) -> None:
    """Check the policies on disk: syntax, schema, ids, intents, tools, that every AI step may be performed at all,
    and that the roster has every step's queue.

    Example: `journeyman policy check`
    """

    async def work(session: Session) -> None:
        found = problems(session.project)
        output.emit({"problems": found}, lambda: "\n".join(found) or "the policies are in order", as_json=as_json)
        if found:
            raise typer.Exit(1)

    run(work)


@app.command("test")
def run_cases(as_json: AsJson = False) -> None:
    """Run the policies' cases, say what no case shows, and what would change against the bundle in force.

    Example: `journeyman policy test`
    """

    async def work(session: Session) -> None:
        examined = examine(session.project.policies)
        gaps = unproven(examined.bundle, examined.results)
        changes = await _changes(session, examined.bundle)
        passed, failed = len(examined.results) - len(examined.failed), [_failure(each) for each in examined.failed]
        told = {"passed": passed, "failed": failed, "unproven": gaps, "changes": changes}
        lines = [f"{passed} cases passed, {len(failed)} failed"]
        lines += [f"FAILED {each['file']}: {each['case']}: {each['why']}" for each in failed]
        lines += [f"unproven {gap}" for gap in gaps]
        lines += [f"would change {change}" for change in changes or ()]
        output.emit(told, lambda: "\n".join(lines), as_json=as_json)
        if examined.failed or gaps:
            raise typer.Exit(1)

    run(work)


@app.command("explain")
def explain(
    question: Annotated[
        str | None,
        typer.Argument(
            metavar="[JSON|@FILE]", help="A question: principal, action, resource, facts.", show_default=False
        ),
    ] = None,
    case: Annotated[
        str | None, typer.Option("--case", metavar="NAME", help="The question of this case.", show_default=False)
    ] = None,
    in_force: Annotated[bool, typer.Option("--in-force", help="Ask the published bundle, not the files.")] = False,
    as_json: AsJson = False,
) -> None:
    """Tell a decision in plain words: which policies took it, what they serve, and what would change it.

    Example: `journeyman policy explain --case "no balance before verification"`
    """

    async def work(session: Session) -> None:
        asked = _question(session, question, case)
        if in_force:
            async with (await session.database()).connection() as conn:
                authorizer = await session.published.authorizer(conn)
        else:
            authorizer = Authorizer(session.project.bundle())
        decision = authorizer.decide(asked)
        story = explain_question(authorizer, asked)
        output.emit(decision.model_dump(mode="json") | {"story": story}, lambda: story, as_json=as_json)

    run(work)


@app.command("publish")
def publish(person: As, as_json: AsJson = False) -> None:
    """Put the policies on disk in force, if they are checked and policy lets this person publish.

    Example: `journeyman policy publish --as paula`
    """

    async def work(session: Session) -> None:
        examined = examine(session.project.policies)
        for problem in examined.problems:
            output.note(problem)
        for result in examined.failed:
            output.note(f"case `{result.case.name}` of {result.case.file} failed: {'; '.join(result.failures)}")
        published = await publish_bundle(await session.desk(), examined, person, auth=AUTH, now=session.now())
        words = "is in force now" if published else "was in force already"
        output.emit(
            {"bundle": examined.bundle.hash, "published": published},
            lambda: f"bundle {examined.bundle.hash[:12]} {words}",
            as_json=as_json,
        )

    run(work)


def problems(project: Project) -> list[str]:
    """Everything that is wrong with a project's policies, a line each."""
    files = read_files(project.policies)
    found = problems_of_files(files)
    lines = [str(problem) for problem in found]
    drifted = drift(files.get(TOOLS, ""), project.tools)
    lines += [f"{TOOLS}: {drifted}"] if drifted else []
    lines += _unserved(project)
    there = {f"{each.definition.kind}/{step}" for each in project.journeys.values() for step in each.definition.steps}
    lines += map(str, misnamed(files, there))
    if any(problem.fatal for problem in found):
        return lines
    authorizer = Authorizer(Bundle.from_files(files))
    steps = [
        (
            step.ai,
            Resource.step(
                journey.definition.kind, step.name, queue=step.queue, regulated=step.regulated, care=step.care
            ),
        )
        for journey in project.journeys.values()
        for step in journey.definition.steps.values()
        if step.ai is not None
    ]
    return lines + unpermitted(authorizer, steps)


def _unserved(project: Project) -> list[str]:
    """The steps whose queue the project's roster lacks; none where the project names no roster."""
    if project.roster is None:
        return []
    try:
        return project.unserved(roster.queues_of(project.roster))
    except InputError as error:
        return [str(error)]


def _question(session: Session, text: str | None, case: str | None) -> Question:
    if (text is None) == (case is None):
        raise InputError("give a question as JSON, or name a case with `--case`", field="question")
    if case is not None:
        for known in load_cases(session.project.policies / "cases"):
            if known.name == case:
                return known.question
        raise NotFoundError(f"there is no case `{case}`; see {session.project.policies / 'cases'}", field="case")
    try:
        return TypeAdapter(Question).validate_python(read_json(cast(str, text), "question"))
    except ValidationError as error:
        field, wrong = misfit(error, "question")
        raise InputError(f"`{field}`: {wrong}; see docs/policies.md", field=field) from error


def _failure(result: CaseResult) -> dict[str, str]:
    return {"file": result.case.file, "case": result.case.name, "why": "; ".join(result.failures)}


async def _changes(session: Session, bundle: Bundle) -> list[str] | None:
    """What publishing would change in the cases; None where nothing is in force or Postgres is not there to ask."""
    if session.settings.database_url is None:
        return None
    try:
        database = await session.database()
    except UnavailableError:
        return None
    async with database.connection() as conn:
        current = await in_force(conn, POLICIES)
        if current is None or current == bundle.hash:
            return None
        before = (await session.published.authorizer_of(conn, current)).bundle
    changes = diff(before, bundle, load_cases(session.project.policies / "cases"))
    return [
        f"{each.case.file}: {each.case.name}: {_verdict(each.before.allowed)} -> {_verdict(each.after.allowed)}"
        for each in changes
    ]


def _verdict(allowed: bool) -> str:
    return "allow" if allowed else "deny"
