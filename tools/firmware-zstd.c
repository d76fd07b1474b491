// What the device binary leaves out of Debian's libzstd: the strategies above level 1, long-distance matching, and the decoders of
// formats older than version 0.8. Linked before the library, these definitions keep its members (300 KB) from being linked at all.
//
// Nothing breaks when one is reached after all: a block compressor that finds no match leaves literals, which is a valid frame;
// an old format is refused with an error. If a newer libzstd splits its members otherwise, the link fails with a duplicate name.
#include <stddef.h>

// ZSTD_blockCompressor: returns how many bytes at the end of the source belong to no match. Here: all of them.
#define NO_MATCH(name)                                                                                  \
  size_t name(void *state, void *sequences, void *offsets, const void *source, size_t size) {           \
    (void)state, (void)sequences, (void)offsets, (void)source;                                          \
    return size;                                                                                        \
  }
#define NO_MATCH_SEARCH(name)                                                                           \
  NO_MATCH(name) NO_MATCH(name##_row) NO_MATCH(name##_dictMatchState) NO_MATCH(name##_dictMatchState_row) \
  NO_MATCH(name##_extDict) NO_MATCH(name##_extDict_row)                                                 \
  NO_MATCH(name##_dedicatedDictSearch) NO_MATCH(name##_dedicatedDictSearch_row)
#define NO_MATCH_TREE(name) NO_MATCH(name) NO_MATCH(name##_dictMatchState) NO_MATCH(name##_extDict)

// zstd_lazy.c
NO_MATCH_SEARCH(ZSTD_compressBlock_greedy)
NO_MATCH_SEARCH(ZSTD_compressBlock_lazy)
NO_MATCH_SEARCH(ZSTD_compressBlock_lazy2)
NO_MATCH_TREE(ZSTD_compressBlock_btlazy2)
unsigned ZSTD_insertAndFindFirstIndex(void *state, const void *at) { return (void)state, (void)at, 0; }
void ZSTD_row_update(void *state, const void *at) { (void)state, (void)at; }
void ZSTD_dedicatedDictSearch_lazy_loadDictionary(void *state, const void *at) { (void)state, (void)at; }

// zstd_opt.c
NO_MATCH_TREE(ZSTD_compressBlock_btopt)
NO_MATCH_TREE(ZSTD_compressBlock_btultra)
NO_MATCH(ZSTD_compressBlock_btultra2)
void ZSTD_updateTree(void *state, const void *at, const void *end) { (void)state, (void)at, (void)end; }

// zstd_double_fast.c
NO_MATCH_TREE(ZSTD_compressBlock_doubleFast)
void ZSTD_fillDoubleHashTable(void *state, const void *end, int load) { (void)state, (void)end, (void)load; }

// zstd_ldm.c: only a caller that asks for long-distance matching comes here.
void ZSTD_ldm_adjustParameters(void *parameters, const void *compression) { (void)parameters, (void)compression; }
void ZSTD_ldm_fillHashTable(void *state, const void *at, const void *end, const void *parameters) {
  (void)state, (void)at, (void)end, (void)parameters;
}
void ZSTD_ldm_skipSequences(void *sequences, size_t size, unsigned minimum) { (void)sequences, (void)size, (void)minimum; }
void ZSTD_ldm_skipRawSeqStoreBytes(void *sequences, size_t size) { (void)sequences, (void)size; }
size_t ZSTD_ldm_generateSequences(void) { return (size_t)-1; }
size_t ZSTD_ldm_getTableSize(void) { return 0; }
size_t ZSTD_ldm_getMaxNbSeq(void) { return 0; }
size_t ZSTD_ldm_blockCompress(void *raw, void *state, void *sequences, void *offsets, int row, const void *source, size_t size) {
  (void)raw, (void)state, (void)sequences, (void)offsets, (void)row, (void)source;
  return size;
}

// zstd_v05.c, zstd_v06.c, zstd_v07.c: contexts that cannot be made, and (size_t)-1, the library's generic error.
#define OLD_FORMAT(version)                                                                             \
  void *ZSTDv0##version##_createDCtx(void) { return NULL; }                                             \
  size_t ZSTDv0##version##_freeDCtx(void) { return 0; }                                                 \
  size_t ZSTDv0##version##_decompress_usingDict(void) { return (size_t)-1; }                            \
  size_t ZSTDv0##version##_getFrameParams(void) { return (size_t)-1; }                                  \
  void *ZBUFFv0##version##_createDCtx(void) { return NULL; }                                            \
  size_t ZBUFFv0##version##_freeDCtx(void) { return 0; }                                                \
  size_t ZBUFFv0##version##_decompressInitDictionary(void) { return (size_t)-1; }                       \
  size_t ZBUFFv0##version##_decompressContinue(void) { return (size_t)-1; }                             \
  void ZSTDv0##version##_findFrameSizeInfoLegacy(const void *source, size_t size, size_t *frame, unsigned long long *bound) { \
    (void)source, (void)size;                                                                           \
    *frame = (size_t)-1;                                                                                \
    *bound = (unsigned long long)-2;                                                                    \
  }
OLD_FORMAT(5)
OLD_FORMAT(6)
OLD_FORMAT(7)
