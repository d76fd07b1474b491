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

#define TARGET __attribute__((target("sha,sse4.1,ssse3")))
#define INLINE static inline __attribute__((target("sha,sse4.1,ssse3"), always_inline))

typedef __m128i words;

// The state as the instructions take it.
typedef struct {
  __m128i abef, cdgh;
} halves;

INLINE halves halves_of(const uint32_t state[8]) {
  __m128i badc = _mm_shuffle_epi32(_mm_loadu_si128((const __m128i *)state), 0xb1);
  __m128i hgfe = _mm_shuffle_epi32(_mm_loadu_si128((const __m128i *)(state + 4)), 0x1b);
  return (halves){_mm_alignr_epi8(badc, hgfe, 8), _mm_blend_epi16(hgfe, badc, 0xf0)};
}

INLINE void store(uint32_t state[8], halves h) {
  __m128i feba = _mm_shuffle_epi32(h.abef, 0x1b), dchg = _mm_shuffle_epi32(h.cdgh, 0xb1);
  _mm_storeu_si128((__m128i *)state, _mm_blend_epi16(feba, dchg, 0xf0));
  _mm_storeu_si128((__m128i *)(state + 4), _mm_alignr_epi8(dchg, feba, 8));
}

INLINE void load(words w[4], const uint8_t *block) {
  const __m128i big_endian = _mm_set_epi64x(0x0c0d0e0f08090a0b, 0x0405060700010203);
  for (int i = 0; i < 4; i++) w[i] = _mm_shuffle_epi8(_mm_loadu_si128((const __m128i *)block + i), big_endian);
}

// Four rounds with the schedule's words of that group; in their place come those of the group after the next three.
INLINE halves rounds(halves h, words w[4], int group) {
  words *own = &w[group % 4];
  __m128i sum = _mm_add_epi32(*own, _mm_loadu_si128((const __m128i *)(sha256_constants + 4 * group)));
  h.cdgh = _mm_sha256rnds2_epu32(h.cdgh, h.abef, sum);
  h.abef = _mm_sha256rnds2_epu32(h.abef, h.cdgh, _mm_shuffle_epi32(sum, 0x0e));
  if (group < 12) {
    __m128i last = w[(group + 3) % 4], middle = _mm_alignr_epi8(last, w[(group + 2) % 4], 4);
    *own = _mm_sha256msg2_epu32(_mm_add_epi32(_mm_sha256msg1_epu32(*own, w[(group + 1) % 4]), middle), last);
  }
  return h;
}

INLINE halves sum(halves a, halves b) { return (halves){_mm_add_epi32(a.abef, b.abef), _mm_add_epi32(a.cdgh, b.cdgh)}; }

#include "hardware.h"

#endif
