// The counter of this example, in C++: it counts, publishes its count on a topic when it changes and every so often, and
// keeps it over swaps and restarts.

#include <greenroom.hpp>

struct Config {
  const char *topic = "counter/count";
  uint64_t every_ms = 1000;
};
GR_FIELDS(Config, GR_MAYBE(Config, topic), GR_MAYBE(Config, every_ms));

// What is kept, and what is published.
struct Kept {
  uint64_t count = 0;
};
GR_FIELDS(Kept, GR_FIELD(Kept, count));

struct Add {
  uint64_t how_many;
};
GR_FIELDS(Add, GR_FIELD(Add, how_many));

class Counter {
 public:
  using Config = ::Config;
  Kept kept;

  gr_next_t init(const Config &config, gr::Turn &turn) {
    config_ = config;
    return turn.send_every(config.every_ms, gr::message("tick")) ? GR_SAME : turn.fail(turn.why());
  }

  gr_next_t resume(const Config &config, gr_occasion_t occasion, gr::Turn &turn) {
    config_ = config;
    // Timers carry over to new code, but not into a new incarnation.
    return occasion == GR_RESTARTED ? init(config, turn) : GR_SAME;
  }

  gr_next_t add(const Add &add, gr::Turn &turn) {
    if (add.how_many > most - kept.count) return turn.fail("that is too much to count");
    kept.count += add.how_many;
    return tick(turn);
  }

  gr_next_t how_many(gr::Turn &turn) { return turn.reply(kept.count); }

  gr_next_t tick(gr::Turn &turn) { return turn.check(turn.publish(config_.topic, gr::message("count", kept))); }

  gr_next_t fail(gr::Turn &turn) { return turn.fail("as you wished"); }

  gr_next_t crash(gr::Turn &) { GR_PANIC("as you wished"); }

 private:
  // The largest whole number that JSON has in all languages.
  static constexpr uint64_t most = (uint64_t{1} << 53) - 1;
  Config config_;
};

constexpr gr_kind_t kinds[] = {
    gr::on<&Counter::add>("add"),
    gr::on<&Counter::how_many>("how-many"),
    gr::on<&Counter::tick>("tick"),
    gr::on<&Counter::fail>("fail"),
    gr::on<&Counter::crash>("crash"),
    {},
};
constexpr gr_state_t state = gr::state<Counter>();
constexpr gr_actor_t counter = gr::actor<Counter>(kinds, &state);

GR_EXPORT(counter);
GR_EXPORT_STATE();
