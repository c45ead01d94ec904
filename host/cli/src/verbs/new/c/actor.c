// A counter: an actor that keeps a number.
//
// `greenroom tell counter add '{"how-many": 3}'` counts, `greenroom ask counter how-many` asks.

#include <greenroom.h>

// What is kept when new code takes over: change this file while the host runs, and the count goes on.
typedef struct {
  uint64_t count;
} kept_t;

static const gr_field_t KEPT[] = {GR_FIELD(kept_t, count), {0}};

// The actor.
typedef struct {
  kept_t kept;
} counter_t;

// Count on by this much. `how_many` in C is `how-many` in JSON.
typedef struct {
  uint64_t how_many;
} add_t;

static const gr_field_t ADD[] = {GR_FIELD(add_t, how_many), {0}};

static gr_next_t add(void *actor, const void *message, gr_turn_t *turn) {
  counter_t *self = actor;
  const add_t *add = message;
  // An error ends the actor; its supervisor starts it afresh.
  if (add->how_many > UINT64_MAX - self->kept.count) return gr_fail(turn, "that is too much to count");
  self->kept.count += add->how_many;
  return GR_SAME;
}

static gr_next_t how_many(void *actor, const void *message, gr_turn_t *turn) {
  (void)message;
  const counter_t *self = actor;
  return gr_reply(turn, gr_whole(self->kept.count));
}

// What the counter understands: a message's kind, its function, and its fields.
static const gr_kind_t KINDS[] = {
    {"add", add, ADD, sizeof(add_t)},
    {"how-many", how_many, NULL, 0},
    {0},
};

static const gr_state_t STATE = {.fields = KEPT, .at = offsetof(counter_t, kept)};

static const gr_actor_t COUNTER = {.size = sizeof(counter_t), .kinds = KINDS, .state = &STATE};

GR_EXPORT(COUNTER);
GR_EXPORT_STATE();
