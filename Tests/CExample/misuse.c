/* Calls the library in every wrong way that it promises to survive. The arguments are bundles for text, pictures and sound. */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <tributary.h>

static int failures;

#define EXPECT(condition) ((condition) ? (void)0 : complain(__LINE__, #condition))

static void complain(int line, const char *what) {
  printf("misuse.c:%d: not so: %s\n", line, what);
  failures++;
}

static tributary_model *open_or_exit(const char *path) {
  tributary_failure failure;
  tributary_model *model = tributary_open(path, 2, NULL, &failure);
  if (model == NULL) {
    printf("%s\n", failure.message);
    exit(1);
  }
  return model;
}

static void open_badly(const char *bundle) {
  char path[5000];
  tributary_failure failure;
  memset(path, 'x', sizeof path - 1);
  path[sizeof path - 1] = 0;
  EXPECT(tributary_open(NULL, 1, NULL, &failure) == NULL && failure.status == TRIBUTARY_BAD_ARGUMENT);
  EXPECT(tributary_open(NULL, 1, NULL, NULL) == NULL);
  EXPECT(tributary_open(path, 1, NULL, &failure) == NULL && failure.status == TRIBUTARY_UNREADABLE);
  EXPECT(strlen(failure.message) == TRIBUTARY_MESSAGE_SIZE - 1);
  EXPECT(tributary_open("/", 1, NULL, &failure) == NULL && failure.status == TRIBUTARY_UNREADABLE);
  EXPECT(tributary_open(__FILE__, 1, NULL, &failure) == NULL && failure.status == TRIBUTARY_BAD_BUNDLE);
  EXPECT(tributary_open(bundle, 0, NULL, &failure) == NULL && failure.status == TRIBUTARY_BAD_ARGUMENT);
  EXPECT(tributary_open(bundle, 65, NULL, &failure) == NULL && failure.status == TRIBUTARY_BAD_ARGUMENT);
  EXPECT(tributary_open(bundle, -1, NULL, &failure) == NULL && failure.status == TRIBUTARY_BAD_ARGUMENT);
  EXPECT(tributary_open(bundle, 1, "abacus", &failure) == NULL && failure.status == TRIBUTARY_BAD_ARGUMENT);
}

static void use_no_model(void) {
  size_t count = 7;
  tributary_close(NULL);
  EXPECT(tributary_error(NULL) == NULL && tributary_name(NULL) == NULL && tributary_modalities(NULL) == 0);
  EXPECT(tributary_output_count(NULL) == 0 && tributary_output_name(NULL, 0) == NULL && tributary_output_width(NULL, 0) == 0);
  EXPECT(tributary_label_count(NULL) == 0 && tributary_label(NULL, 0) == NULL);
  EXPECT(tributary_set_peer(NULL, "a:1", "b", 1, 1) == TRIBUTARY_BAD_ARGUMENT && tributary_begin(NULL) == TRIBUTARY_BAD_ARGUMENT);
  EXPECT(tributary_set_text(NULL, "", 0) == TRIBUTARY_BAD_ARGUMENT && tributary_run(NULL) == TRIBUTARY_BAD_ARGUMENT);
  EXPECT(tributary_set_image_file(NULL, "") == TRIBUTARY_BAD_ARGUMENT && tributary_set_sound_file(NULL, "") == TRIBUTARY_BAD_ARGUMENT);
  EXPECT(tributary_output(NULL, 0, &count) == NULL && count == 0 && tributary_answered_by(NULL) == TRIBUTARY_NOWHERE);
}

static void use_text(const char *bundle) {
  static const char text[] = "a \xff\xfe dog \xe2\x82";
  tributary_model *model = open_or_exit(bundle);
  float *numbers = malloc(sizeof(float)); /* not read: the model takes no sound */
  size_t count = 7, round, first = 0;
  EXPECT(tributary_modalities(model) == TRIBUTARY_TEXT && strlen(tributary_name(model)) > 0 && tributary_error(model)[0] == 0);
  EXPECT(tributary_output_name(model, 1000) == NULL && tributary_label(model, SIZE_MAX) == NULL && tributary_output_width(model, 9) == 0);
  EXPECT(tributary_run(model) == TRIBUTARY_BAD_INPUT && strlen(tributary_error(model)) > 0);
  EXPECT(tributary_output(model, 0, &count) == NULL && count == 0 && tributary_answered_by(model) == TRIBUTARY_NOWHERE);
  EXPECT(tributary_set_text(model, NULL, 3) == TRIBUTARY_BAD_ARGUMENT);
  EXPECT(tributary_set_text(model, text, SIZE_MAX) == TRIBUTARY_BAD_ARGUMENT);
  EXPECT(tributary_set_text(model, text, (1 << 20) + 1) == TRIBUTARY_BAD_ARGUMENT);
  EXPECT(tributary_set_image_file(model, __FILE__) == TRIBUTARY_NOT_TAKEN);
  EXPECT(tributary_set_sound_float(model, numbers, 1, 16000) == TRIBUTARY_NOT_TAKEN);
  for (round = 0; round < 20; round++) {
    EXPECT(tributary_begin(model) == TRIBUTARY_OK && tributary_set_text(model, text, round % sizeof text) == TRIBUTARY_OK);
    EXPECT(tributary_run(model) == TRIBUTARY_OK && tributary_output(model, 0, &count) != NULL && count > 0);
    EXPECT((round == 0 || count == first) && tributary_output(model, 0, NULL) != NULL && tributary_output(model, 1, NULL) == NULL);
    first = count;
  }
  free(numbers);
  tributary_close(model);
}

static void use_peer(const char *bundle) {
  tributary_model *model = open_or_exit(bundle);
  EXPECT(tributary_set_peer(model, "nowhere", "encoder.0", 100, 1) == TRIBUTARY_BAD_ARGUMENT);
  EXPECT(tributary_set_peer(model, "127.0.0.1:1", NULL, 100, 1) == TRIBUTARY_BAD_ARGUMENT);
  EXPECT(tributary_set_peer(model, "127.0.0.1:1", "no such segment", 100, 1) == TRIBUTARY_BAD_ARGUMENT);
  EXPECT(tributary_set_peer(model, "127.0.0.1:1", "encoder.0", 0, 1) == TRIBUTARY_BAD_ARGUMENT);
  EXPECT(tributary_set_text(model, "a dog", 5) == TRIBUTARY_OK);
  EXPECT(tributary_set_peer(model, "127.0.0.1:1", "encoder.0", 1000, 1) == TRIBUTARY_OK && tributary_run(model) == TRIBUTARY_OK);
  EXPECT(tributary_answered_by(model) == TRIBUTARY_LOCAL_FALLBACK);
  EXPECT(tributary_set_peer(model, "127.0.0.1:1", "encoder.0", 1000, 0) == TRIBUTARY_OK && tributary_run(model) == TRIBUTARY_NO_ANSWER);
  EXPECT(tributary_answered_by(model) == TRIBUTARY_NOWHERE && tributary_output(model, 0, NULL) == NULL);
  EXPECT(tributary_set_peer(model, NULL, NULL, 0, 0) == TRIBUTARY_OK && tributary_run(model) == TRIBUTARY_OK);
  EXPECT(tributary_answered_by(model) == TRIBUTARY_LOCAL);
  tributary_close(model);
}

static void use_pictures(const char *bundle) {
  static uint8_t pixels[3 * 8 * 6];
  tributary_model *model = open_or_exit(bundle);
  EXPECT(tributary_modalities(model) == TRIBUTARY_IMAGE && tributary_set_text(model, "a", 1) == TRIBUTARY_NOT_TAKEN);
  EXPECT(tributary_set_image_file(model, NULL) == TRIBUTARY_BAD_ARGUMENT);
  EXPECT(tributary_set_image_file(model, "/no/such/file") == TRIBUTARY_UNREADABLE);
  EXPECT(tributary_set_image_file(model, __FILE__) == TRIBUTARY_BAD_INPUT);
  EXPECT(tributary_set_image_bytes(model, NULL, 9) == TRIBUTARY_BAD_ARGUMENT);
  EXPECT(tributary_set_image_bytes(model, pixels, 0) == TRIBUTARY_BAD_ARGUMENT);
  EXPECT(tributary_set_image_bytes(model, pixels, sizeof pixels) == TRIBUTARY_BAD_INPUT);
  EXPECT(tributary_set_image_rgb(model, pixels, sizeof pixels, 8, 7) == TRIBUTARY_BAD_INPUT);
  EXPECT(tributary_set_image_rgb(model, pixels, sizeof pixels, -8, -6) == TRIBUTARY_BAD_INPUT);
  EXPECT(tributary_set_image_rgb(model, pixels, sizeof pixels, 0x7fffffff, 0x7fffffff) == TRIBUTARY_BAD_INPUT);
  EXPECT(tributary_set_image_rgb(model, pixels, SIZE_MAX, 8, 6) == TRIBUTARY_BAD_ARGUMENT);
  EXPECT(tributary_set_image_yuyv(model, pixels, 2 * 7 * 6, 7, 6) == TRIBUTARY_BAD_INPUT);
  EXPECT(tributary_run(model) == TRIBUTARY_BAD_INPUT);
  EXPECT(tributary_set_image_rgb(model, pixels, sizeof pixels, 8, 6) == TRIBUTARY_OK && tributary_run(model) == TRIBUTARY_OK);
  EXPECT(tributary_set_image_yuyv(model, pixels, 2 * 8 * 6, 8, 6) == TRIBUTARY_OK && tributary_run(model) == TRIBUTARY_OK);
  EXPECT(tributary_output(model, 0, NULL) != NULL);
  tributary_close(model);
}

static void use_sounds(const char *bundle) {
  static int16_t samples[4000];
  static float floats[4000];
  tributary_model *model = open_or_exit(bundle);
  EXPECT(tributary_modalities(model) == TRIBUTARY_SOUND && tributary_set_image_bytes(model, samples, 9) == TRIBUTARY_NOT_TAKEN);
  EXPECT(tributary_set_sound_file(model, NULL) == TRIBUTARY_BAD_ARGUMENT);
  EXPECT(tributary_set_sound_file(model, __FILE__) == TRIBUTARY_BAD_INPUT);
  EXPECT(tributary_set_sound_wav(model, samples, sizeof samples) == TRIBUTARY_BAD_INPUT);
  EXPECT(tributary_set_sound_pcm16(model, NULL, 4000, 16000) == TRIBUTARY_BAD_ARGUMENT);
  EXPECT(tributary_set_sound_pcm16(model, samples, 0, 16000) == TRIBUTARY_BAD_ARGUMENT);
  EXPECT(tributary_set_sound_pcm16(model, samples, SIZE_MAX / 2, 16000) == TRIBUTARY_BAD_ARGUMENT);
  EXPECT(tributary_set_sound_pcm16(model, samples, 4000, 0) == TRIBUTARY_BAD_INPUT);
  EXPECT(tributary_set_sound_float(model, floats, 100u << 20, 16000) == TRIBUTARY_BAD_INPUT);
  floats[77] = NAN;
  EXPECT(tributary_set_sound_float(model, floats, 4000, 16000) == TRIBUTARY_BAD_INPUT);
  floats[77] = 1;
  EXPECT(tributary_set_sound_float(model, floats, 4000, 8000) == TRIBUTARY_OK && tributary_run(model) == TRIBUTARY_OK);
  EXPECT(tributary_set_sound_pcm16(model, samples, 1, 16000) == TRIBUTARY_OK && tributary_run(model) == TRIBUTARY_OK);
  EXPECT(tributary_output(model, 0, NULL) != NULL);
  tributary_close(model);
}

int main(int count, char **words) {
  if (count != 4) return 64;
  open_badly(words[1]);
  use_no_model();
  use_text(words[1]);
  use_peer(words[1]);
  use_pictures(words[2]);
  use_sounds(words[3]);
  return failures == 0 ? 0 : 1;
}
