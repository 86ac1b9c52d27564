import {
  Environment,
  Network,
  RecordSource,
  Store,
  createOperationDescriptor,
  fetchQuery,
  getSelector,
} from "relay-runtime";
import { headersOf, run, url } from "./contexts.js";
import List from "./relay/__generated__/ListQuery.graphql";
import ListPagination from "./relay/__generated__/ListPagination.graphql";
import ListProductAgain from "./relay/__generated__/ListProductAgain.graphql";
import Products from "./relay/__generated__/List_query.graphql";
import Product from "./relay/__generated__/List_product.graphql";

const networkOf = (context) =>
  Network.create(async ({ text }, variables) => {
    const answer = await fetch(url, {
      method: "POST",
      headers: { "Content-Type": "application/json", ...headersOf(context) },
      body: JSON.stringify({ query: text, variables }),
    });
    return answer.json();
  });

await run(async (context) => {
  const environment = new Environment({
    network: networkOf(context),
    store: new Store(new RecordSource()), // one a context
  });
  const list = createOperationDescriptor(List, {});
  environment.retain(list);
  const read = (fragment, of) => environment.lookup(getSelector(fragment, of)).data;
  const products = () => read(Products, environment.lookup(list.fragment).data).products;
  const names = () => products().edges.map(({ node }) => read(Product, node).name);

  await fetchQuery(environment, List, {}).toPromise();
  const first = names();
  const cursor = products().pageInfo.endCursor;
  await fetchQuery(environment, ListPagination, { count: 2, cursor }).toPromise();
  const second = names().slice(first.length);
  for (const { node } of products().edges)
    await fetchQuery(environment, ListProductAgain, { id: node.id }).toPromise();
  return { first, second, refetched: names().slice(0, first.length) };
});
