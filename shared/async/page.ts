/**
 * Reads a list that comes in pages, page by page, until one names no further page.
 *
 * @param read reads the first page, or the one that a cursor names
 */
export async function* pages<Page extends { readonly cursor: Cursor | undefined }, Cursor = string>(
  read: (from: { readonly cursor?: Cursor }) => Promise<Page>,
): AsyncGenerator<Page, void> {
  let page = await read({});
  yield page;
  while (page.cursor !== undefined) {
    page = await read({ cursor: page.cursor });
    yield page;
  }
}
