// What each client here is run with: a context in headers, and what is asked for in it.

const [url, key] = process.argv.slice(2);

export { url };

export const CONTEXTS = [
  { "Vitrine-Market": "US", "Vitrine-Locale": "en-US" },
  { "Vitrine-Market": "DE", "Vitrine-Locale": "de-DE" },
];

/** The headers of a client that has this context. */
export const headersOf = (context) => ({ Authorization: `Bearer ${key}`, ...context });

export const PRODUCTS = `
  query Products($after: String) {
    products(first: 2, after: $after) {
      edges { node { id name } }
      pageInfo { endCursor }
    }
  }
`;

export const namesIn = (data) => data.products.edges.map((edge) => edge.node.name);

/** Run a client in each context, and print what it saw by locale. */
export async function run(client) {
  const seen = {};
  for (const context of CONTEXTS) seen[context["Vitrine-Locale"]] = await client(context);
  console.log(JSON.stringify(seen));
}
