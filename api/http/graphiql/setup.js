// Shows GraphiQL with our examples as tabs, and below it the pictures of the last answer.

const EXAMPLES = [
  { file: "products.graphql" },
  { file: "product-page.graphql" },
  { file: "withdraw.graphql", complete: withdrawal },
];
const WHO = "{ me { id } }";
const A_PICTURE = "{ products(first: 12) { nodes { hero { asset { id } } } } }";
const MOST_PICTURES = 24;
const here = new URL(location.pathname, location.origin);
const stream = new URL(here);
stream.protocol = here.protocol === "https:" ? "wss:" : "ws:";

/** Returns the data of an answer to whoever looks; null: they are answered none. */
async function dataOf(query) {
  const answer = await fetch(here, {
    method: "POST",
    headers: { "Content-Type": "application/json", Accept: "application/json" },
    body: JSON.stringify({ query }),
  });
  return (await answer.json()).data ?? null;
}

/** A picture that there is, and a header for whoever is not logged in. */
async function withdrawal() {
  const [who, shown] = await Promise.all([dataOf(WHO), dataOf(A_PICTURE)]);
  const bound = shown?.products?.nodes.find(each => each.hero);
  return {
    variables: { assetId: bound?.hero.asset.id ?? "" },
    headers: who?.me ? undefined : { Authorization: "Bearer your-api-key" },
  };
}

async function tabOf({ file, complete }) {
  const answer = await fetch(`/graphql/ide/examples/${file}`);
  const { variables, headers } = complete ? await complete() : {};
  const written = value => value && JSON.stringify(value, null, 2);
  return { query: await answer.text(), variables: written(variables), headers: written(headers) };
}

/** Returns the addresses of pictures in an answer, each once, in their order. */
function picturesIn(value, found = new Set()) {
  if (typeof value === "string") {
    if (/^https?:\/\/\S+\.(avif|webp|jpg|png|auto)\?t=\S+$/.test(value)) found.add(value);
  } else if (value && typeof value === "object") {
    for (const each of Object.values(value)) picturesIn(each, found);
  }
  return found;
}

function show(answer) {
  const strip = document.getElementById("pictures");
  const links = [...picturesIn(answer?.data)].slice(0, MOST_PICTURES).map(address => {
    const picture = Object.assign(new Image(), { src: address, alt: address.split("?")[0] });
    const link = Object.assign(document.createElement("a"), { href: address, target: "_blank" });
    link.append(picture);
    return link;
  });
  strip.replaceChildren(...links);
  strip.hidden = !links.length;
}

const ask = GraphiQL.createFetcher({
  url: here.href,
  subscriptionUrl: stream.href,
  enableIncrementalDelivery: false, // which the graph has not: an answer comes as a whole
});

async function fetcher(params, options) {
  const answer = await ask(params, options);
  if (params.operationName !== "IntrospectionQuery") show(answer);
  return answer;
}

Promise.all(EXAMPLES.map(tabOf)).then(tabs => {
  const explorer = GraphiQLPluginExplorer.explorerPlugin();
  ReactDOM.createRoot(document.getElementById("graphiql")).render(
    React.createElement(GraphiQL, {
      fetcher,
      plugins: [explorer],
      defaultTabs: tabs,
      defaultEditorToolsVisibility: "variables",
      inputValueDeprecation: true,
    }),
  );
});
