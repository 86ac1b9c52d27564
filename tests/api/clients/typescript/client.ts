// Asks a running api what a shop and a media team ask, by generated types alone; prints the answers.
import type { TypedDocumentNode } from "@graphql-typed-document-node/core";
import { print } from "graphql";

import { ProductDocument, WithdrawDocument } from "./operations.js";

declare const process: { argv: string[] };

const [url = "", key = "", assetId = ""] = process.argv.slice(2);

async function ask<Data, Variables>(
  document: TypedDocumentNode<Data, Variables>,
  variables: Variables,
): Promise<Data> {
  const answer = await fetch(url, {
    method: "POST",
    headers: { "Content-Type": "application/json", Authorization: `Bearer ${key}` },
    body: JSON.stringify({ query: print(document), variables }),
  });
  const { data, errors } = (await answer.json()) as { data?: Data; errors?: unknown };
  if (data === undefined || errors !== undefined) throw new Error(JSON.stringify(errors));
  return data;
}

const inGermany = { market: "DE", locale: "de-DE", channel: "d2c" };
const { product } = await ask(ProductDocument, { sku: "LAMP", ...inGermany });
const types: string[] = product?.hero?.picture?.sources.map((source) => source.type) ?? [];
// @ts-expect-error: the schema has no such field
product?.colour;
// @ts-expect-error: a product is asked for by its SKU
export const unanswerable = () => ask(ProductDocument, inGermany);

const { withdrawAsset } = await ask(WithdrawDocument, { assetId, reason: "sold" });
const refused = await ask(WithdrawDocument, { assetId: "nobody" });

console.log(
  JSON.stringify({
    name: product?.name,
    kind: product?.kind,
    locale: product?.resolvedLocale,
    types,
    withdrawn: withdrawAsset.asset?.id,
    refused: refused.withdrawAsset.errors.map(({ code }) => code),
  }),
);
