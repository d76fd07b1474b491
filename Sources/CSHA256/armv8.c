#include "forms.h"

#if defined(__aarch64__) && defined(__linux__) && !defined(__AARCH64EB__)
#include <arm_neon.h>
#include <sys/auxv.h>

int sha256_hardware_runs(void) {
  const unsigned long sha2 = 1ul << 6; // HWCAP_SHA2
  return (getauxval(AT_HWCAP) & sha2) != 0;
}

#if defined(__clang__)
#define TARGET __attribute__((target("sha2")))
#else
#define TARGET __attribute__((target("+crypto")))
#endif

#define INLINE static inline TARGET __attribute__((always_inline))

typedef uint32x4_t words;

typedef struct {
  uint32x4_t abcd, efgh;
} halves;

INLINE void load(words w[4], const uint8_t *block) {
  for (int i = 0; i < 4; i++) w[i] = vreinterpretq_u32_u8(vrev32q_u8(vld1q_u8(block + 16 * i)));
}

// Four rounds with the schedule's words of that group; in their place come those of the group after the next three.
INLINE halves rounds(halves h, words w[4], int group) {
  words *own = &w[group % 4], sum = vaddq_u32(*own, vld1q_u32(sha256_constants + 4 * group)), before = h.abcd;
  h.abcd = vsha256hq_u32(h.abcd, h.efgh, sum);
  h.efgh = vsha256h2q_u32(h.efgh, before, sum);
  if (group < 12) *own = vsha256su1q_u32(vsha256su0q_u32(*own, w[(group + 1) % 4]), w[(group + 2) % 4], w[(group + 3) % 4]);
  return h;
}

INLINE halves halves_of(const uint32_t state[8]) { return (halves){vld1q_u32(state), vld1q_u32(state + 4)}; }

INLINE void store(uint32_t state[8], halves h) {
  vst1q_u32(state, h.abcd);
  vst1q_u32(state + 4, h.efgh);
}

INLINE halves sum(halves a, halves b) { return (halves){vaddq_u32(a.abcd, b.abcd), vaddq_u32(a.efgh, b.efgh)}; }

#include "hardware.h"

#endif
