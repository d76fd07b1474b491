#include "forms.h"

#if defined(__aarch64__) && defined(__linux__) && !defined(__AARCH64EB__)
#include <arm_neon.h>
#include <sys/auxv.h>

int sha256_hardware_runs(void) {
  const unsigned long sha2 = 1ul << 6; // HWCAP_SHA2
  return (getauxval(AT_HWCAP) & sha2) != 0;
}

#if defined(__clang__)
#define WITH_SHA2 __attribute__((target("sha2")))
#else
#define WITH_SHA2 __attribute__((target("+crypto")))
#endif

WITH_SHA2 void sha256_compress_hardware(uint32_t state[8], const uint8_t *blocks, size_t count) {
  uint32x4_t abcd = vld1q_u32(state), efgh = vld1q_u32(state + 4);
  for (; count > 0; count--, blocks += 64) {
    const uint32x4_t abcd_before = abcd, efgh_before = efgh;
    uint32x4_t w[4];
    for (int i = 0; i < 4; i++) w[i] = vreinterpretq_u32_u8(vrev32q_u8(vld1q_u8(blocks + 16 * i)));
    for (int group = 0; group < 16; group++) {
      uint32x4_t sum = vaddq_u32(w[group % 4], vld1q_u32(sha256_constants + 4 * group)), before = abcd;
      abcd = vsha256hq_u32(abcd, efgh, sum);
      efgh = vsha256h2q_u32(efgh, before, sum);
      if (group < 12) {
        uint32x4_t next = vsha256su0q_u32(w[group % 4], w[(group + 1) % 4]);
        w[group % 4] = vsha256su1q_u32(next, w[(group + 2) % 4], w[(group + 3) % 4]);
      }
    }
    abcd = vaddq_u32(abcd, abcd_before);
    efgh = vaddq_u32(efgh, efgh_before);
  }
  vst1q_u32(state, abcd);
  vst1q_u32(state + 4, efgh);
}

#endif
