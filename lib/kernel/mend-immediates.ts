/**
 * Keeps `setImmediate` going when a callback of it is broken. Node takes all that wait for a turn as one
 * list, and notes how far it came when a callback returns or throws. A broken one does neither: after
 * the first of a list Node forgets the others and never sleeps again; to a later one it comes once more,
 * and fails for ever.
 */

/** What Node (20 to 26) keeps in an immediate. */
interface Link {
  _idlePrev: Link | null;
  _idleNext: Link | null;
  _destroyed: boolean;
  _onImmediate: () => void;
}

const nothing = () => {};
const Immediate = setImmediate(nothing).constructor;

/** Whether `resource`, of the stack of async resources, is an immediate whose callback runs. */
export function isImmediate(resource: unknown): boolean {
  return resource instanceof Immediate;
}

/** To be called before the callback of `immediate` is broken. */
export function goOnBehind(immediate: unknown): void {
  const broken = immediate as Link;
  const [before, between, behind] = [1, 2, 3].map(() => setImmediate(nothing)) as [
    NodeJS.Immediate,
    NodeJS.Immediate,
    NodeJS.Immediate,
  ];
  const [head, tail] = [before, behind] as unknown as [Link, Link];
  if (broken._idlePrev) {
    // Node comes to it again, goes on behind it, and counts it as done twice: so `between` is left out of
    // the list, but not of the count.
    broken._destroyed = false;
    broken._onImmediate = nothing;
    between.unref();
    link(head, tail);
  } else {
    clearImmediate(between);
    let last = head;
    for (let next = broken._idleNext; next; next = next._idleNext) {
      link(last, next);
      last = next;
    }
    link(last, tail);
  }
}

function link(before: Link, behind: Link): void {
  before._idleNext = behind;
  behind._idlePrev = before;
}
