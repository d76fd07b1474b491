#include "forms.h"
#include "polynomials.h"

void kernels_qs16_route_portable(const int16_t *logits, size_t m, size_t experts, float score_scale, uint16_t *choice,
                                 float *probability) {
  for (size_t row = 0; row < m; row++, logits += experts) {
    size_t best = 0;
    for (size_t e = 1; e < experts; e++) best = logits[e] > logits[best] ? e : best;
    float total = 0.0f;
    for (size_t e = 0; e < experts; e++) {
      float t = (float)((int32_t)logits[e] - logits[best]) * score_scale;
      total = total + kernels_exp2_value(t > -30.0f ? t : -30.0f);
    }
    choice[row] = (uint16_t)best;
    probability[row] = 1.0f / total;
  }
}
