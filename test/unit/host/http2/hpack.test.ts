import assert from 'node:assert/strict';
import { encodeHeaders, HpackDecoder } from '../../../../src/host/http2/hpack.ts';

/** Blocks in the order in which they come, and what each says. */
type Sequence = readonly (readonly [hex: string, expected: string])[];

const request = (authority: string): string =>
  `:method=GET :scheme=http :path=/ :authority=${authority}`;
const response = (status: string, date: string): string =>
  `:status=${status} cache-control=private date=${date} location=https://www.example.com`;
const dates = ['Mon, 21 Oct 2013 20:13:21 GMT', 'Mon, 21 Oct 2013 20:13:22 GMT'] as const;
const last =
  ':status=200 cache-control=private date=Mon, 21 Oct 2013 20:13:22 GMT location=https://www.example.com content-encoding=gzip set-cookie=foo=ASDJKHQKBZXOQWEOPIUAXQWEOIU; max-age=3600; version=1';

// RFC 7541, Appendix C.
const sequences: Readonly<Record<string, { readonly size?: number; readonly blocks: Sequence }>> = {
  'C.2.1 literal with indexing': {
    blocks: [['400a637573746f6d2d6b65790d637573746f6d2d686561646572', 'custom-key=custom-header']],
  },
  'C.2.2 literal without indexing': {
    blocks: [['040c2f73616d706c652f70617468', ':path=/sample/path']],
  },
  'C.2.3 literal never indexed': {
    blocks: [['100870617373776f726406736563726574', 'password=secret']],
  },
  'C.3 requests': {
    blocks: [
      ['828684410f7777772e6578616d706c652e636f6d', request('www.example.com')],
      ['828684be58086e6f2d6361636865', `${request('www.example.com')} cache-control=no-cache`],
      [
        '828785bf400a637573746f6d2d6b65790c637573746f6d2d76616c7565',
        ':method=GET :scheme=https :path=/index.html :authority=www.example.com custom-key=custom-value',
      ],
    ],
  },
  'C.4 requests, Huffman': {
    blocks: [
      ['828684418cf1e3c2e5f23a6ba0ab90f4ff', request('www.example.com')],
      ['828684be5886a8eb10649cbf', `${request('www.example.com')} cache-control=no-cache`],
      [
        '828785bf408825a849e95ba97d7f8925a849e95bb8e8b4bf',
        ':method=GET :scheme=https :path=/index.html :authority=www.example.com custom-key=custom-value',
      ],
    ],
  },
  'C.5 responses that push others out of a table of 256': {
    size: 256,
    blocks: [
      [
        '4803333032580770726976617465611d4d6f6e2c203231204f637420323031332032303a31333a323120474d546e1768747470733a2f2f7777772e6578616d706c652e636f6d',
        response('302', dates[0]),
      ],
      ['4803333037c1c0bf', response('307', dates[0])],
      [
        '88c1611d4d6f6e2c203231204f637420323031332032303a31333a323220474d54c05a04677a69707738666f6f3d4153444a4b48514b425a584f5157454f50495541585157454f49553b206d61782d6167653d333630303b2076657273696f6e3d31',
        last,
      ],
    ],
  },
  'C.6 the same, Huffman': {
    size: 256,
    blocks: [
      [
        '488264025885aec3771a4b6196d07abe941054d444a8200595040b8166e082a62d1bff6e919d29ad171863c78f0b97c8e9ae82ae43d3',
        response('302', dates[0]),
      ],
      ['4883640effc1c0bf', response('307', dates[0])],
      [
        '88c16196d07abe941054d444a8200595040b8166e084a62d1bffc05a839bd9ab77ad94e7821dd7f2e6c7b335dfdfcd5b3960d5af27087f3672c1ab270fb5291f9587316065c003ed4ee5b1063d5007',
        last,
      ],
    ],
  },
  'a table that is made smaller and larger': {
    blocks: [
      ['400a637573746f6d2d6b65790d637573746f6d2d686561646572', 'custom-key=custom-header'],
      ['be', 'custom-key=custom-header'],
      ['203fe11f8284', ':method=GET :path=/'],
    ],
  },
};

const textOf = (headers: ReadonlyMap<string, string>): string =>
  [...headers].map(([name, value]) => `${name}=${value}`).join(' ');

const sorted = (text: string): string => text.split(' ').sort().join(' ');

describe('header compression', () => {
  for (const [name, { size, blocks }] of Object.entries(sequences))
    it(`reads ${name}`, () => {
      const decoder = new HpackDecoder(size);
      for (const [hex, expected] of blocks)
        assert.equal(sorted(textOf(decoder.decode(Buffer.from(hex, 'hex')))), sorted(expected));
    });

  const bad: Readonly<Record<string, string>> = {
    'an index of no field': 'be',
    'the index 0': '80',
    'a block that ends within a field': '400a6375',
    'a number without end': 'ffffffffffff',
    'a table larger than allowed': '3fe21f',
    'a text with wrong padding': '0081' + '18' + '00',
    'the code of the end within a text': '0084' + 'ffffffff' + '00',
  };
  for (const [name, hex] of Object.entries(bad))
    it(`refuses ${name}`, () => {
      assert.throws(() => new HpackDecoder().decode(Buffer.from(hex, 'hex')), { name: 'Error' });
    });

  it('reads what it writes, long values too', () => {
    for (const length of [0, 1, 126, 127, 128, 254, 255, 256, 20_000]) {
      const value = 'é'.repeat(length);
      const headers = new HpackDecoder().decode(encodeHeaders({ 'grpc-message': value }));
      assert.equal(headers.get('grpc-message'), value);
    }
  });
});
