"""The operations that are measured: a product's page, a list with options, a plain list."""

PDP = """
query Pdp($sku: String!) @inContext(market: "DE", country: "DE", locale: "de-DE", channel: "d2c") {
  product(sku: $sku) {
    id sku name description resolvedLocale
    attributes { code label value unit }
    options { code values { code label swatch { url } } }
    variants(first: 20) {
      nodes { sku options { code value } hero { image(preset: "card", width: 320) { url } } }
    }
    media(roles: [HERO, GALLERY]) {
      role position alt caption inheritedFrom
      asset { id kind thumbhash dominantColor focalPoint { x y } credit licenceUrl }
      picture(preset: "gallery", sizes: "(min-width: 60em) 50vw, 100vw") {
        sources { type srcset sizes } src width height placeholder
      }
      availableUntil
    }
    jsonLd
  }
}
"""

#: A page of cards as a shop shows them.
CARDS = """
query Cards($first: Int!) @inContext(market: "DE", country: "DE", locale: "de-DE", channel: "d2c") {
  products(first: $first, orderBy: {field: SKU}) {
    edges { cursor }
    nodes {
      id sku name resolvedLocale
      attributes { code label value unit }
      options { code label values { code label swatch { url width height } } }
      media {
        role position alt
        asset { id kind thumbhash dominantColor }
        picture(preset: "card", sizes: "25vw") {
          sources { type srcset sizes } src width height placeholder expiresAt
        }
        image(preset: "card", width: 320) { url width height format }
      }
    }
    pageInfo { hasNextPage endCursor }
  }
}
"""

#: Cards without variants: what a peer can answer from the same tables.
LIST = """
query List($after: String)
@inContext(market: "DE", country: "DE", locale: "de-DE", channel: "d2c") {
  products(first: 24, after: $after, orderBy: {field: SKU}) {
    nodes {
      id sku kind name description updatedAt
      attributes { code type label value unit }
      media {
        id role position alt
        asset { id code kind thumbhash dominantColor width height mimeType }
        image(preset: "card", width: 320) { url width height }
        large: image(preset: "card", width: 640) { url }
      }
    }
    pageInfo { hasNextPage endCursor }
  }
}
"""

#: Cursors from which pages of `LIST` may begin.
CURSORS = """
query Cursors($after: String) @inContext(channel: "d2c") {
  products(first: 100, after: $after, orderBy: {field: SKU}) {
    edges { cursor }
    pageInfo { hasNextPage endCursor }
  }
}
"""
