import "./houdini/browser.js";
import { CachePolicy } from "houdini/runtime";
import { Cache } from "houdini/runtime/cache";
import { cursorHandlers } from "houdini/runtime/pagination";
import { HoudiniClient, getCurrentConfig } from "./.houdini";
import artifact from "./.houdini/artifacts/Products";
import { headersOf, namesIn, run } from "./contexts.js";

await run(async (context) => {
  const client = new HoudiniClient({
    cache: new Cache(getCurrentConfig()), // one a context
    fetchParams: () => ({ headers: headersOf(context) }),
    throwOnError: { operations: ["all"] },
  });
  const products = client.observe({ artifact });
  const pages = cursorHandlers({
    artifact,
    fetch: (args) => products.send(args),
    fetchUpdate: (args, applyUpdates) => products.send({ ...args, cacheParams: { applyUpdates } }),
    getState: () => products.state.data,
    getVariables: () => products.state.variables,
    getSession: async () => ({}),
  });
  await products.send();
  const first = namesIn(products.state.data);
  await pages.loadNextPage();
  const second = namesIn(products.state.data).slice(first.length);
  const again = await products.send({
    variables: { after: null },
    policy: CachePolicy.NetworkOnly,
  });
  return { first, second, refetched: namesIn(again.data).slice(0, first.length) };
});
