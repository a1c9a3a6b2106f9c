import { createHash } from 'node:crypto';

/** A stream of pseudo-random numbers that depends on its seed alone. Not for secrets. */
export interface Random {
  /** The next number, evenly spread over [0, 1). */
  next(): number;
  /** The next number of a normal distribution with mean 0 and standard deviation 1. */
  normal(): number;
}

/**
 * xoshiro128** 1.1 by David Blackman and Sebastiano Vigna (https://prng.di.unimi.it/xoshiro128starstar.c):
 * 128 bits of state, a period of 2^128 − 1. The state is the SHA-256 of the seed, so that streams with
 * related seeds (`7/sim-001/temperature`, `7/sim-002/temperature`) have nothing in common.
 */
export function randomFrom(seed: string): Random {
  const digest = createHash('sha256').update(seed).digest();
  let [a, b, c, d] = [0, 4, 8, 12].map((at) => digest.readInt32LE(at)) as [number, number, number, number];

  function next(): number {
    const result = Math.imul(rotateLeft(Math.imul(b, 5), 7), 9);
    const shifted = b << 9;
    c ^= a;
    d ^= b;
    b ^= c;
    a ^= d;
    c ^= shifted;
    d = rotateLeft(d, 11);
    return (result >>> 0) / 2 ** 32;
  }

  return {
    next,
    // The Box–Muller transform; 1 − next() is never 0, whose logarithm has no value.
    normal: () => Math.sqrt(-2 * Math.log(1 - next())) * Math.cos(2 * Math.PI * next()),
  };
}

function rotateLeft(value: number, bits: number): number {
  return (value << bits) | (value >>> (32 - bits));
}
