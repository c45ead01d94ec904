// The counter of this example, in C: it counts, publishes its count on a topic when it changes and every so often, and
// keeps it over swaps and restarts.

#include <greenroom.h>

typedef struct {
  const char *topic;
  uint64_t every_ms;
} config_t;

static const gr_field_t CONFIG[] = {GR_MAYBE(config_t, topic), GR_MAYBE(config_t, every_ms), {0}};
static const config_t DEFAULTS = {.topic = "counter/count", .every_ms = 1000};

// What is kept, and what is published.
typedef struct {
  uint64_t count;
} kept_t;

static const gr_field_t KEPT[] = {GR_FIELD(kept_t, count), {0}};

typedef struct {
  kept_t kept;
  const config_t *config;
} counter_t;

typedef struct {
  uint64_t how_many;
} add_t;

static const gr_field_t ADD[] = {GR_FIELD(add_t, how_many), {0}};

// The largest whole number that JSON has in all languages: 2^53 - 1.
#define MOST 9007199254740991u

static gr_next_t publish(const counter_t *self, gr_turn_t *turn) {
  if (gr_publish(turn, self->config->topic, gr_message("count", KEPT, &self->kept)))
    return gr_fail(turn, "%s", gr_why(turn));
  return GR_SAME;
}

static gr_next_t init(void *actor, const void *config, gr_turn_t *turn) {
  counter_t *self = actor;
  self->config = config;
  if (!gr_send_every(turn, self->config->every_ms, gr_signal("tick"))) return gr_fail(turn, "every-ms: %s", gr_why(turn));
  return GR_SAME;
}

static gr_next_t resume(void *actor, const void *config, gr_occasion_t occasion, gr_turn_t *turn) {
  counter_t *self = actor;
  self->config = config;
  // Timers carry over to new code, but not into a new incarnation.
  return occasion == GR_RESTARTED ? init(actor, config, turn) : GR_SAME;
}

static gr_next_t add(void *actor, const void *message, gr_turn_t *turn) {
  counter_t *self = actor;
  const add_t *add = message;
  if (add->how_many > MOST - self->kept.count) return gr_fail(turn, "that is too much to count");
  self->kept.count += add->how_many;
  return publish(self, turn);
}

static gr_next_t how_many(void *actor, const void *message, gr_turn_t *turn) {
  (void)message;
  return gr_reply(turn, gr_whole(((counter_t *)actor)->kept.count));
}

static gr_next_t tick(void *actor, const void *message, gr_turn_t *turn) {
  (void)message;
  return publish(actor, turn);
}

static gr_next_t fail(void *actor, const void *message, gr_turn_t *turn) {
  (void)actor, (void)message;
  return gr_fail(turn, "as you wished");
}

static gr_next_t crash(void *actor, const void *message, gr_turn_t *turn) {
  (void)actor, (void)message, (void)turn;
  GR_PANIC("as you wished");
}

static const gr_kind_t KINDS[] = {
    {"add", add, ADD, sizeof(add_t)}, {"how-many", how_many}, {"tick", tick}, {"fail", fail}, {"crash", crash}, {0},
};

static const gr_state_t STATE = {.fields = KEPT, .at = offsetof(counter_t, kept), .resume = resume};

const gr_actor_t counter = {
    .size = sizeof(counter_t),
    .config = CONFIG,
    .config_size = sizeof(config_t),
    .config_defaults = &DEFAULTS,
    .init = init,
    .kinds = KINDS,
    .state = &STATE,
};

GR_EXPORT(counter);
GR_EXPORT_STATE();
