// The compression function on one message and on two, in the words of the file that includes this: the types `halves` (of the state) and
// `words` (four of the schedule), halves_of, store, load, rounds and sum.
#ifndef TRIBUTARY_CSHA256_HARDWARE_H
#define TRIBUTARY_CSHA256_HARDWARE_H

TARGET void sha256_compress_hardware(uint32_t state[8], const uint8_t *blocks, size_t count) {
  halves h = halves_of(state);
  for (; count > 0; count--, blocks += 64) {
    const halves before = h;
    words w[4];
    load(w, blocks);
#pragma GCC unroll 16
    for (int group = 0; group < 16; group++) h = rounds(h, w, group);
    h = sum(h, before);
  }
  store(state, h);
}

TARGET void sha256_compress_pair_hardware(uint32_t states[2][8], const uint8_t *first, const uint8_t *second, size_t count) {
  halves g = halves_of(states[0]), h = halves_of(states[1]);
  for (; count > 0; count--, first += 64, second += 64) {
    const halves g_before = g, h_before = h;
    words v[4], w[4];
    load(v, first);
    load(w, second);
#pragma GCC unroll 16
    for (int group = 0; group < 16; group++) {
      g = rounds(g, v, group);
      h = rounds(h, w, group);
    }
    g = sum(g, g_before);
    h = sum(h, h_before);
  }
  store(states[0], g);
  store(states[1], h);
}

#endif
