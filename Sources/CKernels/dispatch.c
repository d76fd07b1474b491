#include "forms.h"

typedef struct {
  int (*is_supported)(void);
  kernels_table table;
} entry;

static int always(void) { return 1; }

#if defined(__x86_64__)
#include <cpuid.h>

// Bits of cpuid's leaf 7 and of the register of states that the system saves. (Intel 64 manual, volume 1, 14.3 and 15.2)
enum { avx2 = 1 << 5, avx512f = 1 << 16, avx512dq = 1 << 17, avx512bw = 1 << 30, avx512vnni = 1 << 11, osxsave = 1 << 27 };
enum { avxvnni = 1 << 4 };
static const unsigned avx512vl = 1u << 31;
enum { states_avx = 0x06, states_avx512 = 0xE6 };

/// Whether the processor has the features of leaf 7 (registers ebx and ecx) and the system saves the states.
static int has(unsigned ebx, unsigned ecx, unsigned states) {
  unsigned a, b, c, d, low, high;
  if (!__get_cpuid(1, &a, &b, &c, &d) || !(c & osxsave)) return 0;
  __asm__("xgetbv" : "=a"(low), "=d"(high) : "c"(0));
  if ((low & states) != states || !__get_cpuid_count(7, 0, &a, &b, &c, &d)) return 0;
  return (b & ebx) == ebx && (c & ecx) == ecx;
}

static int has_avx512_vnni(void) { return has(avx2 | avx512f | avx512dq | avx512bw | avx512vl, avx512vnni, states_avx512); }

static int has_avx2(void) { return has(avx2, 0, states_avx); }

/// Its bit stands in the second part of leaf 7, register eax.
static int has_avx_vnni(void) {
  unsigned a, b, c, d;
  return has_avx2() && __get_cpuid_count(7, 1, &a, &b, &c, &d) && (a & avxvnni);
}
#elif defined(__aarch64__)
#include <sys/auxv.h>

// Bits of the auxiliary vector. (Linux, arch/arm64/include/uapi/asm/hwcap.h)
static const unsigned long hwcap_asimddp = 1ul << 20, hwcap2_i8mm = 1ul << 13;

static int has_dot(void) { return (getauxval(AT_HWCAP) & hwcap_asimddp) != 0; }

static int has_i8mm(void) { return has_dot() && (getauxval(AT_HWCAP2) & hwcap2_i8mm) != 0; }
#elif defined(__riscv)
#include <sys/auxv.h>

// The assembler knows instructions and registers of vectors only for processors that all have them: here are their numbers.

/// Each extension of one letter has its bit, and that of V means vectors of 128 bits or more. (Linux, Documentation/arch/riscv) Kernels of
/// some makers set it for version 0.7.1, where bits 6 and 7 of a vector's type (agnostic tails and masks) are reserved: vsetvli then marks
/// the type as invalid, by the sign of vtype.
static int has_vectors(void) {
  if (!(getauxval(AT_HWCAP) >> ('V' - 'A') & 1)) return 0;
  long type;
  __asm__ volatile(".insn i 0x57, 7, t0, x0, 0xC0\n\tcsrr %0, 0xC21" : "=r"(type) : : "t0");
  return type >= 0;
}

/// Register vlenb tells the bytes of a vector.
static int has_vectors_256(void) {
  if (!has_vectors()) return 0;
  unsigned long bytes;
  __asm__("csrr %0, 0xC22" : "=r"(bytes));
  return bytes >= 32;
}
#endif

/// The table of a name: the kernels of a set, with this matrix product and the other products of `dots`.
#define TABLE(title, set, dots, product)                         \
  {                                                              \
    .name = title, .gemm = kernels_qu8_gemm_##product,           \
    .quantize_rows = kernels_qs16_quantize_rows_##set,           \
    .dequantize_rows = kernels_qu8_dequantize_rows_##set,        \
    .convolve = kernels_qu8_convolve_##dots,                     \
    .depthwise = kernels_qu8_depthwise_##dots,                   \
    .activate = kernels_qs16_activate_##set,                     \
    .add = kernels_qs16_add_##set,                               \
    .encode = kernels_qs16_encode_##set,                         \
    .positions = kernels_qs16_positions_##set,                   \
    .max_pool = kernels_qs16_max_pool_portable,                  \
    .channel_norm = kernels_qs16_channel_norm_##set,             \
    .route = kernels_qs16_route_portable,                        \
    .layer_norm = kernels_qs16_layer_norm_##set,                 \
    .attention_scratch = kernels_qs16_attention_scratch_##dots,  \
    .attention = kernels_qs16_attention_##dots,                  \
    .embedding = kernels_qs8_embedding_##set,                    \
    .mean_pool = kernels_qs16_mean_pool_##set,                   \
    .l2_normalize = kernels_qs16_l2_normalize_portable,          \
    .weigh_block = kernels_qs8_weigh_block_##set,                \
  }

/// The one list of tables, the widest first. NEON is part of aarch64; on armv7 it is there if the build asks for it, since clang cannot
/// compile single functions for it.
static const entry entries[] = {
#if defined(__x86_64__)
    {has_avx512_vnni, TABLE("avx512vnni", avx512vnni, avx512vnni, 12x32_avx512vnni)},
    {has_avx_vnni, TABLE("avxvnni", avx2, avxvnni, 6x16_avxvnni)},
    {has_avx2, TABLE("avx2", avx2, avx2, 2x16_avx2)},
#elif defined(__aarch64__)
    {has_i8mm, TABLE("neoni8mm", neon, neon, 8x8_neoni8mm)},
    {has_dot, TABLE("neondot", neon, neon, 4x16_neondot)},
    {always, TABLE("neon", neon, neon, 4x8_neon)},
#elif defined(__ARM_NEON)
    {always, TABLE("neon", neon, neon, 2x8_neon)},
#elif defined(__riscv)
    {has_vectors_256, TABLE("rvv256", rvv256, rvv256, 6x16_rvv256)},
    {has_vectors, TABLE("rvv", rvv, rvv, 6x8_rvv)},
#endif
    {always, TABLE("portable", portable, portable, 2x16_portable)},
};

const kernels_table *kernels_available(size_t index) {
  for (size_t i = 0; i < sizeof entries / sizeof entries[0]; i++) {
    if (entries[i].is_supported() && index-- == 0) return &entries[i].table;
  }
  return NULL;
}
