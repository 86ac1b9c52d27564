"""How a product varies: the axes of its family variant, with the values that are used."""

import math
import re
from collections.abc import Mapping
from typing import Annotated, Any

import strawberry

from api.documents.declared import STORED, FieldDeclaration, Needs
from api.request.scene import Scene
from api.schema.attributes import find_attribute, option_label, option_label_locale
from api.schema.descriptions import argument, field_with, graphql_type
from api.schema.image_arguments import FormatArgument, ImageFormat, WidthArgument
from api.schema.images import Image, image_of
from catalog.graph.media import Link
from catalog.graph.products import PublishedProduct
from catalog.graph.values import label_locale_of, label_of


class Swatches:
    """The swatches of an axis: of a value what all that has it shows, and nothing else does.

    A size has none where the swatches are those of colours.
    """

    def __init__(self, published: PublishedProduct, axis: str, scene: Scene) -> None:
        self._published = published
        self._axis = axis
        self._scene = scene
        self._found: Mapping[str | None, Link] | None = None

    def of(self, code: str) -> Link | None:
        """Return the swatch of a value; all are found once one is asked for."""
        if self._published.document["options"].get(self._axis) == code:
            return self._scene.media.first_of(self._published, "swatch")
        if self._found is None:
            self._found = self._swatches_by_value()
        return self._found.get(code)

    def _swatches_by_value(self) -> Mapping[str | None, Link]:
        shown: dict[str | None, dict[str, Link]] = {}  # by value, by asset
        values: dict[str, set[str | None]] = {}  # by asset
        for variant in self._published.variants:
            link = self._scene.media.first_of(variant, "swatch")
            if link is not None and link.owner != self._published.id:
                value = variant.document["options"].get(self._axis)
                shown.setdefault(value, {})[link.asset.public_id] = link
                values.setdefault(link.asset.public_id, set()).add(value)
        return {
            value: link
            for value, links in shown.items()
            for asset, link in links.items()
            if len(links) == 1 and len(values[asset]) == 1
        }


@graphql_type
class OptionValue:
    """A value that variants have on an axis."""

    code: str = strawberry.field(description="As it is stored.")
    label: str = strawberry.field(description="As people read it.")
    label_locale: str | None = strawberry.field(
        description="Locale of the label; null: there is none, or it is the code itself."
    )
    swatches: strawberry.Private[Swatches]
    scene: strawberry.Private[Scene]

    @field_with(needs=Needs(outlines=True, roles=frozenset({"swatch"})))
    def swatch(
        self,
        preset: Annotated[
            str | None, argument("Code of a preset; by default `swatch`, else the smallest.")
        ] = None,
        width: WidthArgument = None,
        format: FormatArgument = ImageFormat.AUTO,  # noqa: A002 - the argument's name
    ) -> Image | None:
        """Return the picture of the role SWATCH of what has this value."""
        minter = self.scene.minter
        chosen = minter.preset(preset) if preset else minter.smallest_preset("swatch")
        link = self.swatches.of(self.code)
        if chosen is None or link is None:
            return None
        width = width or chosen.recipe.widths_px[0]
        return image_of(link.asset, link.owner_public_id, self.scene, chosen, width, format)


@graphql_type
class ProductOption:
    """An axis that a product varies by."""

    code: str = strawberry.field(description="Code of the attribute, such as `colour`.")
    label: str = strawberry.field(description="As people read it.")
    label_locale: str | None = strawberry.field(
        description="Locale of the label; null: there is none, or it is the code itself."
    )
    value: str | None = strawberry.field(description="Code of a variant's own value.")
    values: list[OptionValue] = strawberry.field(
        description="Those that variants have which are visible here; of a variant only its own.",
        metadata=FieldDeclaration(rows=STORED.rows, needs=Needs(options=True)).metadata,
    )


def options_of(published: PublishedProduct, scene: Scene) -> list[ProductOption]:
    """Make the axes of a product; a variant's have one value, those of a simple one are none."""
    document, context = published.document, scene.context
    options: list[ProductOption] = []
    for axis in (code for level in document["axes"] for code in level):
        stored = find_attribute(document, axis) or _NOTHING_STORED
        own: str | None = document["options"].get(axis)
        swatches = Swatches(published, axis, scene)
        codes = [own] if own is not None else _used(stored, published, axis)
        options.append(
            ProductOption(
                code=axis,
                label=label_of(stored["label"], context) or axis,
                label_locale=label_locale_of(stored["label"], context),
                value=own,
                values=[
                    OptionValue(
                        code=code,
                        label=option_label(stored, code, context),
                        label_locale=option_label_locale(stored, code, context),
                        swatches=swatches,
                        scene=scene,
                    )
                    for code in codes
                ],
            )
        )
    return options


_AMOUNT = re.compile(r"-?[0-9]+(\.[0-9]+)?")
_NOTHING_STORED: Mapping[str, Any] = {"label": {}, "options": {}}


def _used(stored: Mapping[str, Any], published: PublishedProduct, axis: str) -> list[str]:
    """Return what visible variants have, in the order of the attribute's options or amounts."""
    options: Mapping[str, Any] = stored["options"]

    def place(code: str) -> tuple[float, float, str]:
        amount = _AMOUNT.match(code)
        option = options.get(code)
        position = math.inf if option is None else option["position"]
        return position, float(amount[0]) if amount else math.inf, code

    return sorted(published.options_below.get(axis, ()), key=place)
