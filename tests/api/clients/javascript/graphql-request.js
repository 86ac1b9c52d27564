import { GraphQLClient } from "graphql-request";
import { PRODUCTS, headersOf, namesIn, run, url } from "./contexts.js";

await run(async (context) => {
  const client = new GraphQLClient(url, { headers: headersOf(context) });
  const first = await client.request(PRODUCTS);
  const second = await client.request(PRODUCTS, { after: first.products.pageInfo.endCursor });
  const again = await client.request(PRODUCTS);
  return { first: namesIn(first), second: namesIn(second), refetched: namesIn(again) };
});
