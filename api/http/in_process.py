"""The graph for pages of this process: as over HTTP, but for the way there."""

from collections.abc import Mapping
from typing import Any

import orjson
from graphql import GraphQLSyntaxError
from starlette.datastructures import ImmutableMultiDict
from starlette.requests import Request

from api.http.answer import answer_of
from api.http.client import address_of, identity_of, spend
from api.http.executing import executed
from api.http.graphql_request import written_as_json
from api.identity.forms import form_token, read_fields
from api.request.scene import RequestState
from api.request.services import Services
from api.request.stated_context import NOTHING_STATED
from api.schema.build import PREPARATION
from serving.in_process import FormBounds, GraphAnswer, GraphProblem, Visitor


class InProcessGraph:
    """Answers pages; what it needs it finds at the app that they are mounted in."""

    async def visitor(self, request: Request) -> Visitor | None:
        """Return who looks; None: nobody is logged in.

        Raises:
            NoLoginError: this is no address at which anybody can log in.
        """
        identity = identity_of(request)
        identity.site.check(request)
        secret, session = identity.secret_of(request), await identity.session_of(request)
        if secret is None or session is None:
            return None
        return Visitor(known_by=session, form_token=form_token(secret))

    async def ask(
        self, request: Request, visitor: Visitor, document: str, variables: Mapping[str, Any]
    ) -> GraphAnswer:
        """Execute a document of one operation.

        Raises:
            GraphQLSyntaxError: it is none.
            BadRequestError: a text of the variables has U+0000.
            RateLimitedError, TimedOutError, AnswerTooLargeError: it was refused as a whole.
        """
        written_as_json(variables)  # refuses what it would refuse over HTTP
        services: Services = request.app.state.services
        prepared = PREPARATION.tried(document)
        if isinstance(prepared, GraphQLSyntaxError):
            raise prepared
        await spend(services, request, visitor.known_by, prepared.cost(variables))
        state = RequestState(
            services=services,
            key=visitor.known_by,
            now=services.now(),
            address=address_of(request),
            stated=NOTHING_STATED,
        )
        result = await executed(prepared, variables, state)
        body = orjson.loads(answer_of(result, state).body)
        return GraphAnswer(
            data=body.get("data"), problems=[_problem(each) for each in body.get("errors", ())]
        )

    async def read_form(
        self, request: Request, visitor: Visitor, bounds: FormBounds
    ) -> ImmutableMultiDict[str, str]:
        """Return the fields of a form of ours.

        Raises:
            ForgedFormError: another site sent it, or its token is another's.
            InvalidInputError: it is no form, or too large.
        """
        site = identity_of(request).site
        fields = await read_fields(request, site, visitor.form_token, bounds)
        return ImmutableMultiDict(fields)


def _problem(error: Mapping[str, Any]) -> GraphProblem:
    extensions = error.get("extensions", {})
    return GraphProblem(
        code=extensions.get("code", "INTERNAL"),
        message=error["message"],
        field=extensions.get("field"),
    )
