"""A shop, server-rendered from the public graph, without a build and without state of its own.

Copy the folder and make it yours: it needs Starlette, httpx2 and Jinja2. Every page is a document
in `queries/` and a template; market and language stand in its address.
"""

import re
import tomllib
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any

import httpx2
from jinja2 import Environment, FileSystemLoader, StrictUndefined
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import HTMLResponse, RedirectResponse, Response
from starlette.routing import Mount, Route
from starlette.staticfiles import StaticFiles

HERE = Path(__file__).parent
CHANNEL = "d2c"
FEATURED = "LMP-HALO"  # its scenes open the shop

FRAME = (HERE / "queries/frame.graphql").read_text()
QUERIES = {
    path.stem: f"{text}\n{FRAME}" if "...Frame" in (text := path.read_text()) else text
    for path in (HERE / "queries").glob("*.graphql")
}
WORDS = tomllib.loads((HERE / "words.toml").read_text())
TEMPLATES = Environment(
    loader=FileSystemLoader(HERE / "templates"),
    autoescape=True,
    undefined=StrictUndefined,
    trim_blocks=True,
    lstrip_blocks=True,
)
SYMBOLS = {"EUR": "€", "GBP": "£", "JPY": "¥", "USD": "$"}
COUNTRY = re.compile("[A-Z]{2}")
ADDRESS = re.compile(r"[\w-]+/[\w-]+/([cp]/[\w.-]+)?")
NOT_THERE = ("INVALID_INPUT", "UNKNOWN_CONTEXT")
#: What a picture's answer says that a browser has to know.
#: `asset/epoch/preset.version-width/slug.format`
PICTURE = re.compile(r"[a-z0-9]+/[a-z0-9]+/[a-z0-9-]+\.[0-9]+-[0-9]+/[a-z0-9-]+\.[a-z]+")
HANDED_ON = ("cache-control", "content-type")
POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; font-src 'self'; connect-src 'self'; "
    "img-src 'self' data: {media}; form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
)
Handler = Callable[[Request], Awaitable[Response]]


class GoneError(Exception):
    """There is no such page, or none any more."""


@dataclass(frozen=True, kw_only=True)
class Place:
    """Where a visitor is: in which market and language, and in which country they look.

    Attributes:
        root: the path that the shop is below.
        markets: all of them; empty: the page does not know them.
    """

    root: str
    market: str
    locale: str
    chosen_country: str
    markets: Sequence[Mapping[str, Any]]

    @property
    def country(self) -> str:
        """Return the chosen country, else the first of the market."""
        own = (each["countries"] for each in self.markets if each["code"] == self.market)
        return self.chosen_country or next((codes[0] for codes in own if codes), self.market)

    @property
    def market_name(self) -> str:
        """Return the name of the market."""
        return next((m["name"] for m in self.markets if m["code"] == self.market), self.market)

    @property
    def country_name(self) -> str:
        """Return the name of the country, which is that of a market of it alone, else its code."""
        named = {m["countries"][0]: m["name"] for m in self.markets if len(m["countries"]) == 1}
        return named.get(self.country, self.country)

    def to(self, page: str = "") -> str:
        """Return the address of a page of this shop, such as `p/LMP-HALO`, else of the entrance."""
        return (
            f"{self.root}/{self.market}/{self.locale}/{page}" if self.markets else f"{self.root}/"
        )

    def money(self, money: Mapping[str, str]) -> str:
        """Write an amount as it is written in this language."""
        symbol = SYMBOLS.get(money["currency"], f"{money['currency']} ")
        whole, _, cents = money["amount"].partition(".")
        whole = f"{int(whole):,}"
        if self.locale.startswith("de"):
            return f"{whole.replace(',', '.')}{cents and f',{cents}'} {symbol.strip()}"
        return f"{symbol}{whole}{cents and f'.{cents}'}"


@dataclass(frozen=True, kw_only=True)
class Shop:
    """The pages.

    Attributes:
        client: closed by whoever opened it.
        graph: the address of the graph.
        media_base: where pictures come from, as the graph names it.
        country_header: in which a CDN names a viewer's country. Only for trying: visitors choose
            where they look from, and pictures come by `/seen-from/{country}`, which sends it.
        staff_graph: the graph's path on this very host, where sessions count: who is logged in may
            withdraw a picture; None: nobody may.
    """

    client: httpx2.AsyncClient
    graph: str
    media_base: str
    country_header: str | None = None
    staff_graph: str | None = None

    def app(self) -> Starlette:
        """Return the shop, to be served or mounted."""
        routes = [
            Route("/", self.page(self.enter)),
            Route("/go", self.page(self.go)),
            Route("/seen-from/{country}/{path:path}", self.picture),
            Mount("/static", StaticFiles(directory=HERE / "static")),
            Route("/{market}/{locale}/", self.page(self.list)),
            Route("/{market}/{locale}/c/{category}", self.page(self.list)),
            Route("/{market}/{locale}/p/{sku}", self.page(self.product)),
            Route("/{path:path}", self.page(self.lose)),
        ]
        return Starlette(routes=routes)

    def page(self, handler: Handler) -> Handler:
        """Return a handler that shows a page whatever goes wrong."""

        async def answer(request: Request) -> Response:
            try:
                return await handler(request)
            except GoneError:
                return await self.lose(request)
            except (httpx2.HTTPError, ValueError):
                return self.show(request, "message.html", {"about": "away"}, status=503)

        return answer

    async def ask(self, request: Request, document: str, **variables: object) -> dict[str, Any]:
        """Return the data of a query, in the context that the address names.

        Raises:
            GoneError: there is no such market, language or channel.
            HTTPError, ValueError: the graph does not answer.
        """
        stated = {"Vitrine-Channel": CHANNEL}
        for name in ("market", "locale"):
            if name in request.path_params:
                stated[f"Vitrine-{name.capitalize()}"] = request.path_params[name]
        asked = {"query": QUERIES[document], "variables": variables}
        body = (await self.client.post(self.graph, json=asked, headers=stated)).json()
        if errors := body.get("errors"):
            code = errors[0].get("extensions", {}).get("code")
            raise GoneError if code in NOT_THERE else ValueError(code)
        return body["data"]

    async def enter(self, request: Request) -> Response:
        """Lead to the market that fits the visitor's language."""
        try:
            markets = (await self.ask(request, "entrance"))["markets"]
        except GoneError:  # the channel is not there yet
            return self.show(request, "message.html", {"about": "empty"})
        wanted = request.headers.get("accept-language", "")[:2]
        by_fitness = {
            (each["defaultLocale"][:2] == wanted, each["defaultLocale"][3:] == each["code"]): each
            for each in reversed(markets)
        }
        if not by_fitness:
            return self.show(request, "message.html", {"about": "empty"})
        market = by_fitness[max(by_fitness)]
        return RedirectResponse(f"{root(request)}/{market['code']}/{market['defaultLocale']}/")

    async def go(self, request: Request) -> Response:
        """Show the same page in the market, language and country that a form names.

        Raises:
            GoneError: it names none.
        """
        chosen = request.query_params
        address = "/".join(chosen.get(name, "") for name in ("market", "locale", "page"))
        if not ADDRESS.fullmatch(address):
            raise GoneError
        response = RedirectResponse(f"{root(request)}/{address}", 303)
        country = country_in(chosen.get("country"))
        response.set_cookie("country", country, path=root(request) or "/", samesite="lax")
        return response

    async def list(self, request: Request) -> Response:
        """Show products: of a category, or all.

        Raises:
            GoneError: there is no such category.
        """
        category = request.path_params.get("category")
        data = await self.ask(
            request,
            "list",
            category=category or "",
            inCategory=category is not None,
            filter={"categories": [category]} if category else None,
            after=request.query_params.get("after"),
            featured=FEATURED,
        )
        if category and data["category"] is None:
            raise GoneError
        return self.show(request, "list.html", data)

    async def product(self, request: Request) -> Response:
        """Show one product, or one of its variants."""
        data = await self.ask(request, "product", sku=request.path_params["sku"])
        if data["product"] is None:
            return self.show(request, "message.html", {**data, "about": "gone"}, status=404)
        return self.show(request, "product.html", data)

    async def lose(self, request: Request) -> Response:
        """Show that there is no such page."""
        return self.show(request, "message.html", {"about": "gone"}, status=404)

    async def picture(self, request: Request) -> Response:
        """Fetch a picture as a CDN does that says the viewer's country. Only for trying.

        A real shop has no such route: browsers fetch pictures where the graph says.
        """
        country = country_in(request.path_params["country"])
        path = request.path_params["path"]
        if self.country_header is None or not country or not PICTURE.fullmatch(path):
            return Response(status_code=404)
        address = f"{self.media_base}/{path}?{request.url.query}"
        headers = {self.country_header: country, "Accept": request.headers.get("accept", "*/*")}
        try:
            answer = await self.client.get(address, headers=headers, follow_redirects=True)
        except httpx2.HTTPError:
            return Response(status_code=502, headers={"Cache-Control": "no-store"})
        kept = {name: answer.headers[name] for name in HANDED_ON if name in answer.headers}
        kept["X-Content-Type-Options"] = "nosniff"
        return Response(answer.content, answer.status_code, headers=kept)

    def seen(self, request: Request, addresses: str) -> str:
        """Return addresses of pictures as this visitor asks for them."""
        if self.country_header is None:
            return addresses
        here = f"{root(request)}/seen-from/{request.state.country}"
        return addresses.replace(self.media_base, here)

    def show(
        self, request: Request, template: str, data: Mapping[str, Any], *, status: int = 200
    ) -> Response:
        """Return a page."""
        place = Place(
            root=root(request),
            market=request.path_params.get("market", ""),
            locale=request.path_params.get("locale", "en"),
            chosen_country=country_in(request.cookies.get("country")),
            markets=data.get("markets", []),
        )
        request.state.country = place.country
        html = TEMPLATES.get_template(template).render(
            data=data,
            place=place,
            words=WORDS.get(place.locale[:2], WORDS["en"]),
            seen=partial(self.seen, request),
            staff_graph=self.staff_graph,
            pretends_country=self.country_header is not None,
            choices_of=choices_of,
        )
        policy = POLICY.format(media=self.media_base)
        headers = {"Cache-Control": "private, no-cache", "Content-Security-Policy": policy}
        return HTMLResponse(html, status, headers)


def choices_of(product: Mapping[str, Any]) -> list[dict[str, Any]]:
    """Return what a customer chooses by: each option with its values, and where each leads.

    A value leads to the variant that has it and most of what is chosen already.
    """
    model = product
    while model.get("parent"):
        model = model["parent"]
    chosen = {each["code"]: each["value"] for each in product["options"] if each["value"]}
    variants = [
        (each["sku"], {option["code"]: option["value"] for option in each["options"]})
        for each in model["variants"]["nodes"]
    ]

    def best(code: str, value: str) -> str | None:
        wanted = chosen | {code: value}
        fitting = [each for each in variants if each[1].get(code) == value]
        kept = [len(wanted.items() & options.items()) for _, options in fitting]
        return fitting[kept.index(max(kept))][0] if fitting else None

    return [
        {
            "label": option["label"],
            "values": [
                {**value, "sku": sku, "is_chosen": chosen.get(option["code"]) == value["code"]}
                for value in option["values"]
                if (sku := best(option["code"], value["code"]))
            ],
        }
        for option in model["options"]
    ]


def country_in(text: str | None) -> str:
    """Return the code of a country, else nothing."""
    return text if text and COUNTRY.fullmatch(text) else ""


def root(request: Request) -> str:
    """Return the path that the shop is mounted at."""
    return request.scope.get("root_path", "")
