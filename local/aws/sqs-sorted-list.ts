/** Items in an order that no two of them share a place in. */
export class SortedList<Item> {
  readonly #items: Item[] = [];
  readonly #compare: (a: Item, b: Item) => number;

  constructor(compare: (a: Item, b: Item) => number) {
    this.#compare = compare;
  }

  get size(): number {
    return this.#items.length;
  }

  get first(): Item | undefined {
    return this.#items[0];
  }

  at(index: number): Item | undefined {
    return this.#items[index];
  }

  insert(item: Item): void {
    const last = this.#items.at(-1);
    // Most items come last.
    if (last === undefined || this.#compare(last, item) < 0) this.#items.push(item);
    else this.#items.splice(this.#indexOf(item), 0, item);
  }

  /** Removes an item that is in the list, as it was compared when it was inserted. */
  remove(item: Item): void {
    const index = this.#indexOf(item);
    if (this.#items[index] !== item) throw new Error('the item is not where it was put');
    if (index === 0) this.#items.shift();
    else this.#items.splice(index, 1);
  }

  [Symbol.iterator](): Iterator<Item> {
    return this.#items[Symbol.iterator]();
  }

  /** Where the item is or would go. */
  #indexOf(item: Item): number {
    let from = 0;
    let to = this.#items.length;
    while (from < to) {
      const middle = (from + to) >>> 1;
      if (this.#compare(this.#items[middle] as Item, item) < 0) from = middle + 1;
      else to = middle;
    }
    return from;
  }
}
