"""What is delivered: the right bytes, in the right format, with headers that end with the right."""

import io
from dataclasses import replace
from datetime import timedelta

import httpx2
import pytest
from PIL import Image

from catalog.clock import utc_now
from catalog.delivery.model import Format
from catalog.licences.batches import LicenceRecord
from catalog.rights.model import TermInput
from gateway.app import create_app
from tests.support.serve import serve
from tests.support.stage import LONG_AGO, NOT_FRANCE, WORLDWIDE, Stage, draw
from vitrine.settings import Settings, load_settings

FIXED = {
    "X-Content-Type-Options": "nosniff",
    "Content-Disposition": "inline",
    "Content-Security-Policy": "default-src 'none'; sandbox",
    "Cross-Origin-Resource-Policy": "cross-origin",
    "Access-Control-Allow-Origin": "*",
    "Timing-Allow-Origin": "*",
    "Accept-Ranges": "none",
}


def max_age(answer: httpx2.Response, header: str) -> int:
    return int(answer.headers[header].split("max-age=")[1].split(",")[0])


@pytest.mark.parametrize("image_format", [Format.AVIF, Format.WEBP, Format.JPEG, Format.PNG])
async def test_each_format_has_the_size_of_its_preset(
    stage: Stage, gateway: httpx2.AsyncClient, image_format: Format
) -> None:
    asset = await stage.asset(WORLDWIDE)

    answer = await gateway.get(stage.url(asset, width_px=320, image_format=image_format))

    assert answer.status_code == 200
    assert answer.headers["Content-Type"] == image_format.mime
    with Image.open(io.BytesIO(answer.content)) as picture:
        assert picture.size == (320, 400)
        assert picture.format == ("JPEG" if image_format is Format.JPEG else image_format.name)
    assert {name: answer.headers[name] for name in FIXED} == FIXED


async def test_the_notice_of_the_file_is_in_what_is_delivered(
    stage: Stage, gateway: httpx2.AsyncClient
) -> None:
    asset = await stage.asset(WORLDWIDE, notice="(c) Ann")
    answer = await gateway.get(stage.url(asset, width_px=320, image_format=Format.JPEG))
    assert b'<rdf:li xml:lang="x-default">(c) Ann</rdf:li>' in answer.content


async def test_an_image_may_live_no_longer_than_its_right(
    stage: Stage, gateway: httpx2.AsyncClient
) -> None:
    ends = TermInput(
        include=("WORLD",),
        channels=("*",),
        usages=("*",),
        valid_from=LONG_AGO,
        valid_until=utc_now() + timedelta(seconds=40),
    )
    soon, free = await stage.asset(ends), await stage.asset(WORLDWIDE)

    short, long = await gateway.get(stage.url(soon)), await gateway.get(stage.url(free))

    assert 30 <= max_age(short, "Cache-Control") < 40
    assert 30 <= max_age(short, "CDN-Cache-Control") < 40
    assert long.headers["Cache-Control"] == "public, max-age=60, must-revalidate"
    assert long.headers["CDN-Cache-Control"] == "max-age=300"
    for answer in (short, long):
        assert "stale" not in answer.headers["Cache-Control"]


async def test_a_cloudfront_finds_in_cache_control_how_long_it_may_keep_an_image(
    stage: Stage, settings: Settings
) -> None:
    driver = {"name": "cdn", "kind": "cloudfront", "distribution": "EDFDVBD6EXAMPLE"}
    hop = {"name": "cdn", "networks": ["127.0.0.0/8"], "driver": "cdn"}
    behind = load_settings(
        **settings.model_dump(include={"home", "gateway_database_url", "master_key"}),
        trusted_hops=[hop],
        purge_drivers=[driver],
    )
    free, not_france = await stage.asset(WORLDWIDE), await stage.asset(NOT_FRANCE)
    async with (
        serve(create_app(behind)) as base_url,
        httpx2.AsyncClient(base_url=base_url, headers={"CF-IPCountry": "DE"}) as cloudfront,
    ):
        everywhere = await cloudfront.get(stage.url(free))
        here_only = await cloudfront.get(stage.url(not_france))
        refused = await cloudfront.get(stage.url(not_france), headers={"CF-IPCountry": "FR"})

    kept = "public, max-age=60, must-revalidate, s-maxage=300"
    assert everywhere.headers["Cache-Control"] == kept
    assert here_only.headers["Cache-Control"] == "private, max-age=60, must-revalidate"
    assert (refused.status_code, refused.headers["Cache-Control"]) == (403, "no-store")
    assert everywhere.headers["Cache-Tag"].startswith(f"a-{free.public_id},")


async def test_what_depends_on_the_country_is_stored_by_no_cache_that_does_not_ask(
    stage: Stage, gateway: httpx2.AsyncClient
) -> None:
    europe = TermInput(include=("EU",), channels=("*",), usages=("*",), valid_from=LONG_AGO)
    asset = await stage.asset(europe)

    answer = await gateway.get(stage.url(asset))

    assert answer.headers["Cache-Control"] == "private, max-age=60, must-revalidate"
    assert answer.headers["CDN-Cache-Control"] == "no-store"


async def test_tags_name_all_that_a_purge_may_go_by(
    stage: Stage, gateway: httpx2.AsyncClient
) -> None:
    asset, owner = await stage.asset(WORLDWIDE), await stage.product()
    await stage.publish(owner)

    answer = await gateway.get(stage.url(asset, stage.token(asset, owner=owner)))

    tags = {f"a-{asset.public_id}", "v-card", f"k-{stage.keys.active.kid}", f"p-{owner}"}
    assert set(answer.headers["xkey"].split()) == tags
    assert answer.headers["Surrogate-Key"] == answer.headers["xkey"]
    assert set(answer.headers["Cache-Tag"].split(",")) == tags


async def test_tags_name_every_licence_with_a_say_whether_it_grants_anything_or_not(
    stage: Stage, gateway: httpx2.AsyncClient
) -> None:
    document = await stage.licence(LicenceRecord(code="document", licensor="Studio"))
    asset = await stage.asset(replace(WORLDWIDE, licence=document))
    member = await stage.licence(LicenceRecord(code="member", licensor="Studio"), asset)
    await stage.licence(LicenceRecord(code="another", licensor="Studio"))

    tags = (await gateway.get(stage.url(asset))).headers["xkey"].split()

    assert {tag for tag in tags if tag.startswith("l-")} == {f"l-{document}", f"l-{member}"}


@pytest.mark.parametrize(("licences", "lifetime"), [(5, "max-age=300"), (6, "no-store")])
async def test_what_more_than_eight_tags_would_name_is_not_stored(
    stage: Stage, gateway: httpx2.AsyncClient, licences: int, lifetime: str
) -> None:
    asset = await stage.asset(WORLDWIDE)
    for number in range(licences):
        await stage.licence(LicenceRecord(code=f"licence-{number}", licensor="Studio"), asset)

    answer = await gateway.get(stage.url(asset))

    assert answer.headers["CDN-Cache-Control"] == lifetime


async def test_a_validator_is_strong_and_saves_the_body(
    stage: Stage, gateway: httpx2.AsyncClient
) -> None:
    asset = await stage.asset(WORLDWIDE)
    first = await gateway.get(stage.url(asset))
    etag = first.headers["ETag"]
    assert etag.startswith('"')

    for given in (etag, f'"other", {etag}', f"W/{etag}", "*"):
        again = await gateway.get(stage.url(asset), headers={"If-None-Match": given})
        assert (again.status_code, again.content) == (304, b"")
        assert again.headers["ETag"] == etag
        assert again.headers["xkey"] == first.headers["xkey"]
    changed = await gateway.get(stage.url(asset), headers={"If-None-Match": '"other"'})
    assert changed.status_code == 200
    two_lines = [("If-None-Match", '"other"'), ("If-None-Match", etag)]
    assert (await gateway.get(stage.url(asset), headers=two_lines)).status_code == 304


async def test_a_precondition_is_honoured_before_a_validator(
    stage: Stage, gateway: httpx2.AsyncClient
) -> None:
    url = stage.url(await stage.asset(WORLDWIDE))
    etag = (await gateway.get(url)).headers["ETag"]

    for _ in range(2):  # the second time it is held in memory
        refused = await gateway.get(url, headers={"If-Match": '"other"', "If-None-Match": etag})
        assert (refused.status_code, refused.json()["code"]) == (412, "PRECONDITION_FAILED")
        assert refused.headers["Cache-Control"] == "no-store"
    for named in (etag, f'"other", {etag}', "*"):
        assert (await gateway.get(url, headers={"If-Match": named})).status_code == 200
    both = {"If-Match": etag, "If-None-Match": etag}
    assert (await gateway.get(url, headers=both)).status_code == 304


async def test_what_is_taken_may_stand_on_several_lines(
    stage: Stage, gateway: httpx2.AsyncClient
) -> None:
    url = stage.url(await stage.asset(WORLDWIDE), image_format=Format.AUTO)
    for _ in range(2):
        answer = await gateway.get(url, headers=[("Accept", "text/html"), ("Accept", "image/avif")])
        assert answer.headers["Content-Type"] == "image/avif"


async def test_who_names_two_countries_is_refused(
    stage: Stage, gateway: httpx2.AsyncClient
) -> None:
    url = stage.url(await stage.asset(WORLDWIDE))
    assert (await gateway.get(url)).status_code == 200
    answer = await gateway.get(url, headers=[("CF-IPCountry", "DE"), ("CF-IPCountry", "FR")])
    assert (answer.status_code, answer.json()["code"]) == (400, "BAD_REQUEST")


async def test_a_trace_that_nobody_collects_costs_a_repeated_delivery_nothing(
    stage: Stage, gateway: httpx2.AsyncClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    asset = await stage.asset(WORLDWIDE)
    assert (await gateway.get(stage.url(asset))).status_code == 200

    async def not_asked(*_: object) -> None:
        raise AssertionError("the whole pipeline was asked")

    monkeypatch.setattr("gateway.service.Gateway.handle", not_asked)
    named = {"traceparent": "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01"}
    assert (await gateway.get(stage.url(asset), headers=named)).status_code == 200


async def test_a_validator_never_comes_before_the_decision(
    stage: Stage, gateway: httpx2.AsyncClient
) -> None:
    asset = await stage.asset()

    answer = await gateway.get(stage.url(asset), headers={"If-None-Match": "*"})

    assert answer.status_code == 403


async def test_head_is_checked_and_answered_as_get_without_the_body(
    stage: Stage, gateway: httpx2.AsyncClient
) -> None:
    asset, forbidden = await stage.asset(WORLDWIDE), await stage.asset()

    head = await gateway.head(stage.url(asset))
    get = await gateway.get(stage.url(asset))

    assert (head.status_code, head.content) == (200, b"")
    varying = {"date", "x-request-id", "cache-status", "server-timing"}
    assert {k: v for k, v in head.headers.items() if k not in varying} == {
        k: v for k, v in get.headers.items() if k not in varying
    }
    assert (await gateway.head(stage.url(forbidden))).status_code == 403
    assert (await gateway.head(stage.path(asset))).status_code == 401


@pytest.mark.parametrize(
    ("accept", "mime"),
    [
        ("image/avif,image/webp,*/*;q=0.8", "image/avif"),
        ("image/webp,*/*", "image/webp"),
        ("image/avif;q=0, image/webp", "image/webp"),
        ("*/*", "image/jpeg"),
        ("", "image/jpeg"),
        ("text/html", "image/jpeg"),
        ("IMAGE/AVIF ; q=0.1", "image/avif"),
        ("image/avif;q=huge", "image/jpeg"),
        ("," * 5000, "image/jpeg"),
        (";;;=,=;q=;", "image/jpeg"),
        ("image/avif\u00ff", "image/jpeg"),
        ("a" * 20_000, "image/jpeg"),
    ],
)
async def test_auto_follows_accept_and_never_fails(
    stage: Stage, gateway: httpx2.AsyncClient, accept: str, mime: str
) -> None:
    asset = await stage.asset(WORLDWIDE)

    answer = await gateway.get(
        stage.url(asset, image_format=Format.AUTO), headers=[(b"Accept", accept.encode("latin-1"))]
    )

    assert (answer.status_code, answer.headers["Content-Type"]) == (200, mime)
    assert answer.headers["Vary"] == "Accept"
    assert answer.headers["CDN-Cache-Control"] == "no-store"  # this hop honours no Vary


async def test_auto_keeps_transparency_where_nothing_better_is_taken(
    stage: Stage, gateway: httpx2.AsyncClient
) -> None:
    asset = await stage.asset(WORLDWIDE, alpha=True)

    answer = await gateway.get(stage.url(asset, image_format=Format.AUTO), headers={"Accept": ""})

    assert answer.headers["Content-Type"] == "image/png"


async def test_there_is_one_url_a_picture_and_every_other_leads_to_it(
    stage: Stage, gateway: httpx2.AsyncClient
) -> None:
    asset = await stage.asset(WORLDWIDE)
    token = stage.token(asset)
    canonical = stage.url(asset, token)
    assert asset.epoch > 1
    others = [
        canonical + "&utm_source=mail",
        canonical.replace("?t=", "?w=9&t="),
        canonical.replace(asset.slug, "another-name"),
        canonical + "&t=again",
        canonical.replace(".d2c.", "%2Ed2c."),
        stage.url(asset, token, epoch=1),
    ]

    for other in others:
        answer = await gateway.get(other)
        assert (answer.status_code, answer.headers["Location"]) == (307, canonical)
        assert answer.headers["xkey"]
        assert max_age(answer, "Cache-Control") <= 60
        assert max_age(answer, "CDN-Cache-Control") <= 60
    assert (await gateway.get(canonical)).status_code == 200


async def test_a_redirect_is_given_only_after_leave(
    stage: Stage, gateway: httpx2.AsyncClient
) -> None:
    forbidden = await stage.asset()

    answer = await gateway.get(stage.url(forbidden) + "&x=1")

    assert (answer.status_code, "Location" in answer.headers) == (403, False)


async def test_staff_see_what_is_not_licensed_and_no_cache_keeps_it(
    stage: Stage, gateway: httpx2.AsyncClient
) -> None:
    draft = await stage.asset(status="draft")

    for preset, width_px in (("card", 64), ("staff-thumb", 48)):
        url = stage.url(draft, stage.staff_token(draft), preset=preset, width_px=width_px)
        answer = await gateway.get(url)
        assert answer.status_code == 200
        assert answer.headers["Cache-Control"] == "private, no-store"
        assert "Server-Timing" in answer.headers
        assert not {"xkey", "cdn-cache-control", "surrogate-key"} & set(answer.headers)


async def test_a_broken_source_is_not_found_and_waits_for_a_person(
    stage: Stage, gateway: httpx2.AsyncClient
) -> None:
    corrupt = await stage.asset(WORLDWIDE, body=draw()[:200])
    missing = await stage.asset(WORLDWIDE)
    key = await stage.pool.fetchval(
        "SELECT master_key FROM asset_version WHERE asset = $1", missing.id
    )
    await stage.store.delete(key)

    for asset in (corrupt, missing):
        answer = await gateway.get(stage.url(asset))
        assert (answer.status_code, answer.json()["code"]) == (404, "NOT_FOUND")

    await _exceptions(stage, 2)


async def _exceptions(stage: Stage, count: int) -> None:
    deadline = utc_now() + timedelta(seconds=10)
    while utc_now() < deadline:
        found = await stage.pool.fetchval("SELECT count(*) FROM task WHERE kind = 'broken_source'")
        if found == count:
            return
    pytest.fail("the broken sources never reached the queue")
