/* Runs a model on a text, a picture or a sound, and prints each number of its first output, with its label where there is one. */
#include <stdio.h>
#include <string.h>
#include <tributary.h>

static tributary_status bring(tributary_model *model, const char *kind, const char *what) {
  if (strcmp(kind, "text") == 0) return tributary_set_text(model, what, strlen(what));
  if (strcmp(kind, "image") == 0) return tributary_set_image_file(model, what);
  return tributary_set_sound_file(model, what);
}

static int run(tributary_model *model, const char *kind, const char *what) {
  size_t count, index;
  const float *values;
  const char *label;
  if (tributary_begin(model) != TRIBUTARY_OK || bring(model, kind, what) != TRIBUTARY_OK || tributary_run(model) != TRIBUTARY_OK) {
    fprintf(stderr, "classify: %s\n", tributary_error(model));
    return 1;
  }
  values = tributary_output(model, 0, &count);
  for (index = 0; index < count; index++) {
    label = count == tributary_label_count(model) ? tributary_label(model, index) : "";
    printf("%.9g %s\n", values[index], label);
  }
  return 0;
}

int main(int count, char **words) {
  tributary_failure failure;
  tributary_model *model;
  int status;
  if (count != 4) {
    fprintf(stderr, "Usage: classify BUNDLE text|image|sound TEXT|FILE\n");
    return 64;
  }
  model = tributary_open(words[1], 1, NULL, &failure);
  if (model == NULL) {
    fprintf(stderr, "classify: %s\n", failure.message);
    return 1;
  }
  status = run(model, words[2], words[3]);
  tributary_close(model);
  return status;
}
