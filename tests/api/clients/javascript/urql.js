import { Client, cacheExchange, fetchExchange } from "@urql/core";
import { PRODUCTS, headersOf, namesIn, run, url } from "./contexts.js";

await run(async (context) => {
  const client = new Client({
    url,
    exchanges: [cacheExchange, fetchExchange],
    fetchOptions: { headers: headersOf(context) },
  });
  const ask = async (variables, options) => {
    const { data, error } = await client.query(PRODUCTS, variables, options).toPromise();
    if (error) throw error;
    return data;
  };
  const first = await ask({});
  const second = await ask({ after: first.products.pageInfo.endCursor });
  const again = await ask({}, { requestPolicy: "network-only" });
  return { first: namesIn(first), second: namesIn(second), refetched: namesIn(again) };
});
