// Read by relay-compiler alone; what it writes is asked for in ../relay.js.
import { graphql } from "relay-runtime";

graphql`
  query ListQuery {
    ...List_query @arguments(count: 2)
  }
`;

graphql`
  fragment List_query on Query
  @argumentDefinitions(count: { type: "Int" }, cursor: { type: "String" })
  @refetchable(queryName: "ListPagination") {
    products(first: $count, after: $cursor) @connection(key: "List_products") {
      edges {
        node {
          id
          ...List_product
        }
      }
    }
  }
`;

graphql`
  fragment List_product on Product @refetchable(queryName: "ListProductAgain") {
    name
  }
`;
