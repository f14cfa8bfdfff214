import type { Random } from '../../../base/random.ts';

/**
 * The addresses of a CIDR that Services may have: without the network's own and the broadcast address. The lower band is
 * kept for those who name an address. Models kubernetes/pkg/registry/core/service/ipallocator.
 */
export class Ipv4Range {
  readonly text: string;
  readonly #base: number;
  readonly #size: number;

  constructor(cidr: string) {
    this.text = cidr;
    const [address = '', bits = '32'] = cidr.split('/');
    this.#size = 2 ** (32 - Number(bits));
    this.#base = Math.floor((numberOf(address) ?? 0) / this.#size) * this.#size;
  }

  contains(ip: string): boolean {
    const offset = (numberOf(ip) ?? -1) - this.#base;
    return offset > 0 && offset < this.#size - 1;
  }

  /** An address that is not in `used`, from the upper band while there is one. */
  next(random: Random, used: ReadonlySet<string>): string | undefined {
    const band = this.#band();
    return (
      this.#search(random, band + 1, this.#size - 1, used) ??
      this.#search(random, 1, band + 1, used)
    );
  }

  #search(random: Random, from: number, to: number, used: ReadonlySet<string>): string | undefined {
    const count = to - from;
    if (count <= 0) return undefined;
    const start = random.below(count);
    for (let i = 0; i < count; i++) {
      const ip = textOf(this.#base + from + ((start + i) % count));
      if (!used.has(ip)) return ip;
    }
    return undefined;
  }

  /** Models calculateRangeOffset: a sixteenth of the range, between 16 and 256. */
  #band(): number {
    if (this.#size <= 16) return 0;
    return Math.min(256, Math.max(16, Math.floor(this.#size / 16)));
  }
}

function numberOf(ip: string): number | undefined {
  const parts = ip.split('.');
  if (parts.length !== 4 || !parts.every((part) => /^\d{1,3}$/.test(part) && Number(part) < 256))
    return undefined;
  return parts.reduce((sum, part) => sum * 256 + Number(part), 0);
}

const textOf = (value: number): string =>
  [24, 16, 8, 0].map((shift) => Math.floor(value / 2 ** shift) % 256).join('.');
