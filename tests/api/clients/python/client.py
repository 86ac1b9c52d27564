"""Asks a running api what a shop and a media team ask, by generated types; prints the answers."""

# pyright: basic, reportMissingImports=false
# what is imported here exists once it has been generated

import json
import sys

from generated import Client

url, key, asset_id = sys.argv[1:]
client = Client(url=url, headers={"Authorization": f"Bearer {key}"})

product = client.product(sku="LAMP", market="DE", locale="de-DE", channel="d2c").product
assert product is not None
assert product.hero is not None
assert product.hero.picture is not None
withdrawn = client.withdraw(asset_id=asset_id, reason="sold").withdraw_asset
assert withdrawn.asset is not None
refused = client.withdraw(asset_id="nobody").withdraw_asset

sys.stdout.write(
    json.dumps({
        "name": product.name,
        "kind": product.kind.value,
        "locale": product.resolved_locale,
        "types": [source.type_ for source in product.hero.picture.sources],
        "withdrawn": withdrawn.asset.id,
        "refused": [error.code for error in refused.errors],
    })
)
