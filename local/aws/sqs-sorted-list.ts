/** So many places are left free before the first item until they are given up. */
const FREE = 1024;

/** Items in an order that no two of them share a place in. */
export class SortedList<Item> {
  readonly #items: Item[] = [];
  /** The index of the first item: items before it were removed. */
  #start = 0;
  readonly #compare: (a: Item, b: Item) => number;

  constructor(compare: (a: Item, b: Item) => number) {
    this.#compare = compare;
  }

  get size(): number {
    return this.#items.length - this.#start;
  }

  get first(): Item | undefined {
    return this.#items[this.#start];
  }

  at(index: number): Item | undefined {
    return this.#items[this.#start + index];
  }

  insert(item: Item): void {
    const last = this.size === 0 ? undefined : this.#items.at(-1);
    // Most items come last.
    if (last === undefined || this.#compare(last, item) < 0) this.#items.push(item);
    else this.#items.splice(this.#indexOf(item), 0, item);
  }

  /** Removes an item that is in the list, as it was compared when it was inserted. */
  remove(item: Item): void {
    const index = this.#indexOf(item);
    if (this.#items[index] !== item) throw new Error('the item is not where it was put');
    if (index > this.#start) {
      this.#items.splice(index, 1);
      return;
    }
    // Moving all the others up for each one that goes would take long in a long list.
    this.#start += 1;
    if (this.#start === this.#items.length || this.#start > Math.max(FREE, this.size)) {
      this.#items.splice(0, this.#start);
      this.#start = 0;
    }
  }

  /** Returns where the item is or would go. */
  #indexOf(item: Item): number {
    let from = this.#start;
    let to = this.#items.length;
    while (from < to) {
      const middle = (from + to) >>> 1;
      if (this.#compare(this.#items[middle] as Item, item) < 0) from = middle + 1;
      else to = middle;
    }
    return from;
  }
}
