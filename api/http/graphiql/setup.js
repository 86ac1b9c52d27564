// Shows GraphiQL with our examples as tabs, and below it the pictures of the last answer.

const EXAMPLES = [
  { file: "products.graphql" },
  { file: "product-page.graphql" },
  {
    file: "withdraw.graphql",
    variables: { assetId: "" },
    headers: { Authorization: "Bearer your-api-key" },
  },
];
const MOST_PICTURES = 24;
const here = new URL(location.pathname, location.origin);
const stream = new URL(here);
stream.protocol = here.protocol === "https:" ? "wss:" : "ws:";

async function tabOf({ file, variables, headers }) {
  const answer = await fetch(`/graphql/ide/examples/${file}`);
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
