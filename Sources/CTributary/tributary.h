/* tributary.h: INT8 models on this device, for programs in C and in whatever calls C.
 *
 *   tributary_failure failure;
 *   tributary_model *model = tributary_open("minilm.gguf", 1, NULL, &failure);
 *   if (model == NULL) { fprintf(stderr, "%s\n", failure.message); return 1; }
 *   tributary_begin(model);
 *   tributary_set_text(model, "a cat", 5);
 *   if (tributary_run(model) != TRIBUTARY_OK) fprintf(stderr, "%s\n", tributary_error(model));
 *   size_t count;
 *   const float *values = tributary_output(model, 0, &count);
 *   tributary_close(model);
 *
 * Threads: a model serves one call at a time, from any thread. Calls on different models may run at once. A model's own worker threads
 * block no signals and call nothing of the program's.
 *
 * Arguments: NULL where a pointer is asked for, sizes that do not fit and numbers out of range give a code and change nothing. A model
 * that is NULL gives TRIBUTARY_BAD_ARGUMENT, NULL or 0. (A pointer that points to something else cannot be told.) What is passed in is
 * copied before the call returns, and texts are UTF-8.
 *
 * Memory: the C library's heap; where that is exhausted the process ends.
 */
#ifndef TRIBUTARY_H
#define TRIBUTARY_H

#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

/* How a call ended. Later versions may add codes. */
typedef enum {
  TRIBUTARY_OK = 0,
  TRIBUTARY_BAD_ARGUMENT = 1, /* NULL, a number out of range, or a name that is not known */
  TRIBUTARY_UNREADABLE = 2,   /* a file that cannot be read */
  TRIBUTARY_BAD_BUNDLE = 3,   /* no bundle, a damaged one, or one that this version does not run */
  TRIBUTARY_BAD_INPUT = 4,    /* a picture, sound or text that cannot be used, or none */
  TRIBUTARY_NOT_TAKEN = 5,    /* the model takes no input of that kind */
  TRIBUTARY_NO_ANSWER = 6,    /* the peer did not answer in time, and no fallback was wanted */
  TRIBUTARY_NO_RESOURCES = 7  /* the system gave no memory or no thread */
} tributary_status;

/* Kinds of input, to be combined. */
enum { TRIBUTARY_TEXT = 1, TRIBUTARY_IMAGE = 2, TRIBUTARY_SOUND = 4 };

/* Where an answer was computed. */
typedef enum {
  TRIBUTARY_NOWHERE = 0,        /* there is none: nothing was run since the last tributary_begin, or it failed */
  TRIBUTARY_LOCAL = 1,          /* here */
  TRIBUTARY_PEER = 2,           /* begun here, finished by the peer */
  TRIBUTARY_LOCAL_FALLBACK = 3, /* the peer did not answer in time: finished here, degraded */
  TRIBUTARY_LOCAL_FUSION = 4    /* by the model's small local fusion, which has outputs of its own */
} tributary_place;

/* Bytes of the longest message, with its terminating 0. */
#define TRIBUTARY_MESSAGE_SIZE 256

/* Why there is no model. */
typedef struct {
  tributary_status status;
  char message[TRIBUTARY_MESSAGE_SIZE];
} tributary_failure;

/* An opened bundle with its memory and threads, and one request at a time. */
typedef struct tributary_model tributary_model;

/* Opens a bundle to be run on 1 to 64 threads, the caller's among them. `kernels` names an instruction set ("portable", "avx2" …);
 * NULL takes the widest that the processor has. The results have the same bits whatever the threads and the kernels.
 * The file must not change while it is open. Returns NULL on failure and, unless `failure` is NULL, tells why there. */
tributary_model *tributary_open(const char *path, int threads, const char *kernels, tributary_failure *failure);

/* Ends the model's threads and frees all that it gave out. NULL is ignored. */
void tributary_close(tributary_model *model);

/* What the last call that failed on this model had to say, in English; empty where none failed. Valid until the next call. */
const char *tributary_error(const tributary_model *model);

/* What a model is. Texts are valid until it is closed; a place beyond the end gives NULL or 0. */
const char *tributary_name(const tributary_model *model);
unsigned tributary_modalities(const tributary_model *model); /* those of TRIBUTARY_TEXT, … that it takes */
size_t tributary_output_count(const tributary_model *model);
const char *tributary_output_name(const tributary_model *model, size_t output);
size_t tributary_output_width(const tributary_model *model, size_t output); /* numbers of one row: mostly there is one */
size_t tributary_label_count(const tributary_model *model);                 /* 0 where the outputs have no labels */
const char *tributary_label(const tributary_model *model, size_t label);    /* what a number of a classifier's output stands for */

/* From the next run on, the later segments run on the peer at `address` ("host:port" or "[v6 address]:port", or several parted by commas,
 * of which the first that works is asked), which must hold the same bundle; `split` names the last segment that runs here (`tributary
 * info` lists them), or is "input" where the peer is to get pictures and sounds as the files they came in. The answer comes within
 * `deadline_ms` of the call of tributary_run (1 to 3600000). With `fallback` other than 0 the model answers here where no peer does.
 * NULL for `address` runs everything here again. */
tributary_status tributary_set_peer(tributary_model *model, const char *address, const char *split, int deadline_ms, int fallback);

/* Starts a request: nothing is brought yet, and what the last one put out is gone. */
tributary_status tributary_begin(tributary_model *model);

/* Brings a text of at most 1 MiB. The model sees the beginning that it has room for. */
tributary_status tributary_set_text(tributary_model *model, const char *utf8, size_t length);

/* Brings a picture: a JPEG or PNG file, the bytes of one, or one raw frame, rows from the top without gaps. RGB has 3 bytes a pixel;
 * YUYV (V4L2_PIX_FMT_YUYV, BT.601, limited range) 2, and an even width. `count` is in bytes. */
tributary_status tributary_set_image_file(tributary_model *model, const char *path);
tributary_status tributary_set_image_bytes(tributary_model *model, const void *bytes, size_t count);
tributary_status tributary_set_image_rgb(tributary_model *model, const uint8_t *pixels, size_t count, int width, int height);
tributary_status tributary_set_image_yuyv(tributary_model *model, const uint8_t *pixels, size_t count, int width, int height);

/* Brings a sound: a WAV file, the bytes of one, or the samples of one channel, `rate` a second (1000 to 384000). `count` is in bytes
 * or samples; full scale of floats is -1 to 1. Sounds are resampled, and cut or filled with silence to what the model takes. */
tributary_status tributary_set_sound_file(tributary_model *model, const char *path);
tributary_status tributary_set_sound_wav(tributary_model *model, const void *bytes, size_t count);
tributary_status tributary_set_sound_pcm16(tributary_model *model, const int16_t *samples, size_t count, int rate);
tributary_status tributary_set_sound_float(tributary_model *model, const float *samples, size_t count, int rate);

/* Runs what was brought: all that depends on it. May be called again for the same request. */
tributary_status tributary_run(tributary_model *model);

/* The numbers of an output, row by row, `count` of them; NULL and 0 where the run did not reach it, or there was none. `count` may be
 * NULL. Valid until the next tributary_run, tributary_begin or tributary_close. */
const float *tributary_output(const tributary_model *model, size_t output, size_t *count);

/* Where the last answer was computed. */
tributary_place tributary_answered_by(const tributary_model *model);

#ifdef __cplusplus
}
#endif

#endif
