"""What those ask for who follow changes, and what makes some."""

PRODUCTS = """subscription ($ids: [ID!], $after: ID) @inContext(channel: "d2c") {
  productChanged(ids: $ids, after: $after) { eventId productId change } }"""
ASSETS = """subscription ($ids: [ID!], $after: ID) {
  assetChanged(ids: $ids, after: $after) { eventId assetId type } }"""
PURGES = """subscription ($asset: ID!, $after: ID) {
  purgeProgress(assetId: $asset, after: $after) {
    eventId assetId isDone darkAt drivers { driver total confirmed darkAt } } }"""
STANDING = (
    PURGES
    .replace("subscription", "query")
    .replace(", $after: ID", "")
    .replace(", after: $after", "")
)
WITHDRAW = "mutation ($id: ID!) { withdrawAsset(assetId: $id) { errors { code } } }"
REINSTATE = "mutation ($id: ID!) { reinstateAsset(assetId: $id) { errors { code } } }"
PUBLISH = """mutation ($sku: String!) {
  publishProducts(skus: [$sku], channel: "d2c", visibleFrom: "2020-01-01T00:00:00Z") {
    errors { code } } }"""
UNPUBLISH = """mutation ($sku: String!) {
  unpublishProducts(skus: [$sku], channel: "d2c") { errors { code } } }"""
