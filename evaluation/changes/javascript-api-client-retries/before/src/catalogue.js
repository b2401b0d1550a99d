/** Reads all articles of a supplier, page by page. */
export async function* articles(client, supplier) {
  let page = `/suppliers/${supplier}/articles`;
  while (page) {
    const { items, next } = await client.get(page);
    yield* items;
    page = next;
  }
}
