"""How a product varies: the axes of its family variant, with the values that are used."""

from collections.abc import Mapping
from typing import Annotated, Any

import strawberry

from api.scene import Scene
from api.schema.attributes import find_attribute, option_label
from api.schema.described import argument, graphql_field, graphql_type
from api.schema.media import (
    FormatArgument,
    Image,
    ImageFormat,
    WidthArgument,
    asset_of,
    image_of,
)
from catalog.graph.media import Link
from catalog.graph.products import Published
from catalog.graph.values import label_of


@graphql_type
class OptionValue:
    """A value that variants have on an axis."""

    code: str = strawberry.field(description="As it is stored.")
    label: str = strawberry.field(description="As people read it.")
    axis: strawberry.Private[str]
    published: strawberry.Private[Published]
    scene: strawberry.Private[Scene]

    @graphql_field
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
        link = _swatch_of(self.published, self.axis, self.code, self.scene)
        if chosen is None or link is None:
            return None
        shown = asset_of(link.asset, self.scene, owner=link.owner_public_id)
        smallest = chosen.recipe.widths_px[0]
        return image_of(shown, chosen, width or smallest, format)


@graphql_type
class ProductOption:
    """An axis that a product varies by."""

    code: str = strawberry.field(description="Code of the attribute, such as `colour`.")
    label: str = strawberry.field(description="As people read it.")
    value: str | None = strawberry.field(description="Code of a variant's own value.")
    values: list[OptionValue] = strawberry.field(
        description="The values that are used; of a variant only its own."
    )


def options_of(published: Published, scene: Scene) -> list[ProductOption]:
    """Make the axes of a product; a variant's have one value, those of a simple one are none."""
    document, context = published.document, scene.context
    options: list[ProductOption] = []
    for axis in (code for level in document["axes"] for code in level):
        stored = find_attribute(document, axis) or _NOTHING_STORED
        own: str | None = document["options"].get(axis)
        codes = [own] if own is not None else _used(stored, published, axis)
        options.append(
            ProductOption(
                code=axis,
                label=label_of(stored["label"], context) or axis,
                value=own,
                values=[
                    OptionValue(
                        code=code,
                        label=option_label(stored, code, context),
                        axis=axis,
                        published=published,
                        scene=scene,
                    )
                    for code in codes
                ],
            )
        )
    return options


_NOTHING_STORED: Mapping[str, Any] = {"label": {}, "options": {}}


def _used(stored: Mapping[str, Any], published: Published, axis: str) -> list[str]:
    """Return the values in use, in the order of the attribute's options."""
    options: Mapping[str, Any] = stored["options"]
    used = {each.document["options"].get(axis) for each in published.variants}
    codes = set(options) | (used - {None})
    return sorted(codes, key=lambda code: (options.get(code, {}).get("position", 0), code))


def _swatch_of(published: Published, axis: str, code: str, scene: Scene) -> Link | None:
    """Find the swatch of a value: what all that has it shows, and nothing else does.

    A size has none where the swatches are those of colours.
    """
    if published.document["options"].get(axis) == code:
        return scene.media.first_of(published, "swatch")
    shown: dict[str, dict[str, Link]] = {}  # by value, by asset
    for variant in published.variants:
        link = scene.media.first_of(variant, "swatch")
        if link is not None and link.owner != published.id:
            value = variant.document["options"].get(axis)
            shown.setdefault(value, {})[link.asset.public_id] = link
    mine = shown.pop(code, {})
    is_telling = len(mine) == 1 and not any(mine.keys() & other.keys() for other in shown.values())
    return next(iter(mine.values())) if is_telling else None
