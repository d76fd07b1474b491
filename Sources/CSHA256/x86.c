#include "forms.h"

#if defined(__x86_64__)
#include <cpuid.h>
#include <immintrin.h>

int sha256_hardware_runs(void) {
  unsigned a, b, c, d;
  if (!__get_cpuid(1, &a, &b, &c, &d)) return 0;
  const unsigned ssse3 = 1u << 9, sse41 = 1u << 19;
  if ((c & (ssse3 | sse41)) != (ssse3 | sse41)) return 0;
  return __get_cpuid_count(7, 0, &a, &b, &c, &d) && (b >> 29 & 1);
}

// Four rounds with the schedule's words w, which both halves of the state take part in.
#define ROUNDS(group, w)                                                                               \
  do {                                                                                                 \
    __m128i sum = _mm_add_epi32(w, _mm_loadu_si128((const __m128i *)(sha256_constants + 4 * (group)))); \
    cdgh = _mm_sha256rnds2_epu32(cdgh, abef, sum);                                                     \
    abef = _mm_sha256rnds2_epu32(abef, cdgh, _mm_shuffle_epi32(sum, 0x0e));                            \
  } while (0)

// The next four words of the schedule, from the sixteen before them (w0 the oldest), in place of w0.
#define SCHEDULE(w0, w1, w2, w3) \
  w0 = _mm_sha256msg2_epu32(_mm_add_epi32(_mm_sha256msg1_epu32(w0, w1), _mm_alignr_epi8(w3, w2, 4)), w3)

__attribute__((target("sha,sse4.1,ssse3"))) void sha256_compress_hardware(uint32_t state[8], const uint8_t *blocks, size_t count) {
  const __m128i big_endian = _mm_set_epi64x(0x0c0d0e0f08090a0b, 0x0405060700010203);
  __m128i badc = _mm_shuffle_epi32(_mm_loadu_si128((const __m128i *)state), 0xb1);
  __m128i hgfe = _mm_shuffle_epi32(_mm_loadu_si128((const __m128i *)(state + 4)), 0x1b);
  __m128i abef = _mm_alignr_epi8(badc, hgfe, 8), cdgh = _mm_blend_epi16(hgfe, badc, 0xf0);
  for (; count > 0; count--, blocks += 64) {
    const __m128i abef_before = abef, cdgh_before = cdgh;
    __m128i w[4];
    for (int i = 0; i < 4; i++) w[i] = _mm_shuffle_epi8(_mm_loadu_si128((const __m128i *)blocks + i), big_endian);
    for (int group = 0; group < 12; group += 4) {
      ROUNDS(group, w[0]);
      ROUNDS(group + 1, w[1]);
      ROUNDS(group + 2, w[2]);
      ROUNDS(group + 3, w[3]);
      SCHEDULE(w[0], w[1], w[2], w[3]);
      SCHEDULE(w[1], w[2], w[3], w[0]);
      SCHEDULE(w[2], w[3], w[0], w[1]);
      SCHEDULE(w[3], w[0], w[1], w[2]);
    }
    for (int i = 0; i < 4; i++) ROUNDS(12 + i, w[i]);
    abef = _mm_add_epi32(abef, abef_before);
    cdgh = _mm_add_epi32(cdgh, cdgh_before);
  }
  __m128i feba = _mm_shuffle_epi32(abef, 0x1b), dchg = _mm_shuffle_epi32(cdgh, 0xb1);
  _mm_storeu_si128((__m128i *)state, _mm_blend_epi16(feba, dchg, 0xf0));
  _mm_storeu_si128((__m128i *)(state + 4), _mm_alignr_epi8(dchg, feba, 8));
}

#endif
