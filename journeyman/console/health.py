"""Whether this process can serve: for whoever starts it, watches it, or stands as a proxy before it."""

from datetime import UTC, datetime

from fastapi import APIRouter, Request
from starlette.responses import JSONResponse, Response

from journeyman.console import identity
from journeyman.console.asked import Console
from journeyman.console.problem import RefusedError, problem_of, response_of
from journeyman.errors import JourneymanError
from journeyman.store.database import UNMIGRATED

router = APIRouter(include_in_schema=False)


@router.get("/healthz")
async def health(request: Request) -> Response:
    """200 if a request could be answered now; else 503, a problem document with the reason. It asks Postgres each time."""
    console: Console = request.app.state.console
    try:
        async with console.database.connection() as conn:
            await identity.by_cookie(conn, "", datetime.now(UTC))
    except JourneymanError as error:
        return response_of(problem_of(error))
    except UNMIGRATED:
        return response_of(problem_of(_UNMIGRATED))
    return JSONResponse({"status": "ok"}, headers={"Cache-Control": "no-store"})


_UNMIGRATED = RefusedError(
    503, "the database lacks what this build needs", remedy="run `journeyman migrate`, as the schema's owner"
)
