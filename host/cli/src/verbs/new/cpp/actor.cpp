// A counter: an actor that keeps a number.
//
// `greenroom tell counter add '{"how-many": 3}'` counts, `greenroom ask counter how-many` asks.

#include <greenroom.hpp>

// Count on by this much. `how_many` in C++ is `how-many` in JSON.
struct Add {
  uint64_t how_many;
};
GR_FIELDS(Add, GR_FIELD(Add, how_many));

// What is kept when new code takes over: change this file while the host runs, and the count goes on.
struct Kept {
  uint64_t count = 0;
};
GR_FIELDS(Kept, GR_FIELD(Kept, count));

// The actor.
class Counter {
 public:
  Kept kept;

  gr_next_t add(const Add &add, gr::Turn &turn) {
    // An error ends the actor; its supervisor starts it afresh.
    if (add.how_many > UINT64_MAX - kept.count) return turn.fail("that is too much to count");
    kept.count += add.how_many;
    return GR_SAME;
  }

  gr_next_t how_many(gr::Turn &turn) { return turn.reply(kept.count); }
};

// What the counter understands.
constexpr gr_kind_t kinds[] = {
    gr::on<&Counter::add>("add"),
    gr::on<&Counter::how_many>("how-many"),
    {},
};
constexpr gr_state_t state = gr::state<Counter>();
constexpr gr_actor_t counter = gr::actor<Counter>(kinds, &state);

GR_EXPORT(counter);
GR_EXPORT_STATE();
