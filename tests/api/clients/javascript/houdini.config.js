export default {
  url: globalThis.process?.argv[2], // of the api
  schemaPath: "./schema.graphql",
  include: ["houdini/*.gql"],
  plugins: { "houdini-core": {} },
  scalars: { DateTime: { type: "string" }, JSON: { type: "unknown" } },
};
