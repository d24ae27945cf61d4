/** Ways in which bytes are damaged; `other` is something else of the same kind. `random` gives integers below its argument. */
export type Damage = (bytes: Uint8Array, other: Uint8Array, random: (below: number) => number) => Uint8Array;

export const DAMAGES: readonly Damage[] = [
  function flipBit(bytes, _other, random) {
    const damaged = bytes.slice();
    damaged[random(bytes.length)]! ^= 1 << random(8);
    return damaged;
  },
  function truncate(bytes, _other, random) {
    return bytes.slice(0, random(bytes.length));
  },
  function overwrite(bytes, _other, random) {
    const damaged = bytes.slice();
    const start = random(bytes.length);
    const end = Math.min(bytes.length, start + 1 + random(64));
    for (let at = start; at < end; at++) damaged[at] = random(256);
    return damaged;
  },
  function splice(bytes, other, random) {
    const at = random(Math.min(bytes.length, other.length));
    return joined(bytes.subarray(0, at), other.subarray(at));
  },
  function append(bytes, _other, random) {
    return joined(
      bytes,
      Uint8Array.from({ length: 1 + random(32) }, () => random(256)),
    );
  },
  function cutOut(bytes, _other, random) {
    const at = random(bytes.length);
    return joined(bytes.subarray(0, at), bytes.subarray(at + 1 + random(32)));
  },
  function swap(bytes, _other, random) {
    const damaged = bytes.slice();
    const [a, b] = [random(bytes.length), random(bytes.length)];
    damaged[a] = bytes[b]!;
    damaged[b] = bytes[a]!;
    return damaged;
  },
  function zeros(bytes, _other, random) {
    const damaged = bytes.slice();
    const start = random(bytes.length);
    return damaged.fill(0, start, start + 1 + random(512));
  },
];

function joined(a: Uint8Array, b: Uint8Array): Uint8Array {
  const whole = new Uint8Array(a.length + b.length);
  whole.set(a);
  whole.set(b, a.length);
  return whole;
}

/** xorshift32: the same numbers for the same seed. */
export function randomFrom(seed: number): (below: number) => number {
  let state = seed | 1;
  return (below) => {
    state ^= state << 13;
    state ^= state >>> 17;
    state ^= state << 5;
    return (state >>> 0) % below;
  };
}
