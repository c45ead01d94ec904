// The filter of this example, in C: smooths what the sampler reads, and tells the controller.

#include <greenroom.h>

typedef struct {
  double weight;
} config_t;

static const gr_field_t CONFIG[] = {GR_MAYBE(config_t, weight), {0}};
static const config_t DEFAULTS = {.weight = 0.25};

// What is kept. Before the first sample the smooth temperature says nothing.
typedef struct {
  double smooth;
  uint64_t samples;
} kept_t;

static const gr_field_t KEPT[] = {GR_FIELD(kept_t, smooth), GR_FIELD(kept_t, samples), {0}};

typedef struct {
  kept_t kept;
  const config_t *config;
} filter_t;

// What the sampler tells, and what the controller is told.
typedef struct {
  double celsius;
} temperature_t;

static const gr_field_t TEMPERATURE[] = {GR_FIELD(temperature_t, celsius), {0}};

static gr_next_t init(void *actor, const void *config, gr_turn_t *turn) {
  filter_t *self = actor;
  self->config = config;
  if (!(self->config->weight > 0 && self->config->weight <= 1))
    return gr_fail(turn, "weight: it is to be more than 0, and at most 1");
  return GR_SAME;
}

static gr_next_t resume(void *actor, const void *config, gr_occasion_t occasion, gr_turn_t *turn) {
  (void)occasion;
  return init(actor, config, turn);
}

static gr_next_t raw(void *actor, const void *message, gr_turn_t *turn) {
  filter_t *self = actor;
  double celsius = ((const temperature_t *)message)->celsius;
  kept_t *kept = &self->kept;
  kept->smooth = kept->samples ? kept->smooth + self->config->weight * (celsius - kept->smooth) : celsius;
  kept->samples++;

  gr_address_t controller;
  gr_error_t error = gr_lookup(turn, "controller", &controller);
  // It is being restarted, and this actor will be after it.
  if (error == GR_NO_ACTOR) return GR_SAME;
  if (!error) error = gr_tell(turn, controller, gr_message("temperature", TEMPERATURE, &(temperature_t){kept->smooth}));
  return error ? gr_fail(turn, "%s", gr_why(turn)) : GR_SAME;
}

static gr_next_t status(void *actor, const void *message, gr_turn_t *turn) {
  (void)message;
  return gr_reply(turn, gr_message("answer", KEPT, &((filter_t *)actor)->kept));
}

static const gr_kind_t KINDS[] = {{"raw", raw, TEMPERATURE, sizeof(temperature_t)}, {"status", status}, {0}};

static const gr_state_t STATE = {.fields = KEPT, .at = offsetof(filter_t, kept), .resume = resume};

const gr_actor_t filter = {
    .size = sizeof(filter_t),
    .config = CONFIG,
    .config_size = sizeof(config_t),
    .config_defaults = &DEFAULTS,
    .init = init,
    .kinds = KINDS,
    .state = &STATE,
};

GR_EXPORT(filter);
GR_EXPORT_STATE();
