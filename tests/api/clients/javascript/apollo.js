import { ApolloClient, HttpLink, InMemoryCache, gql } from "@apollo/client";
import { PRODUCTS, headersOf, namesIn, run, url } from "./contexts.js";

await run(async (context) => {
  const client = new ApolloClient({
    cache: new InMemoryCache(), // one a context
    link: new HttpLink({ uri: url, headers: headersOf(context) }),
  });
  const query = gql(PRODUCTS);
  const first = (await client.query({ query })).data;
  const watched = client.watchQuery({ query });
  const listening = watched.subscribe({});
  const { endCursor } = first.products.pageInfo;
  const second = (await watched.fetchMore({ variables: { after: endCursor } })).data;
  const again = (await watched.refetch()).data;
  listening.unsubscribe();
  client.stop();
  return { first: namesIn(first), second: namesIn(second), refetched: namesIn(again) };
});
