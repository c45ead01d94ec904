// Write Greenroom actors in C++: greenroom.h, with an actor as a class and its messages as structs. C++20, without
// exceptions: an error is a value, `return turn.fail("…")`.
//
//   struct Add { uint64_t how_many; };
//   GR_FIELDS(Add, GR_FIELD(Add, how_many));
//
//   class Counter {
//    public:
//     gr_next_t add(const Add &add, gr::Turn &turn) { count += add.how_many; return GR_SAME; }
//     gr_next_t how_many(gr::Turn &turn) { return turn.reply(count); }
//    private:
//     uint64_t count = 0;
//   };
//
//   constexpr gr_kind_t kinds[] = {gr::on<&Counter::add>("add"), gr::on<&Counter::how_many>("how-many"), {}};
//   constexpr gr_actor_t counter = gr::actor<Counter>(kinds);
//   GR_EXPORT(counter);
//
// A class may have, by these names: `struct Config` with fields (and defaults), and `gr_next_t init(const Config &, gr::Turn
// &)` or without the first; `Kept kept`, a struct with fields that are copied as bytes, which is saved, with
// `gr_next_t resume(const Config &, gr_occasion_t, gr::Turn &)` (see gr::state); `exited`, `down` and `stopping` as gr_actor_t
// has them, without `self` and with a gr::Turn.
#pragma once

#include <concepts>
#include <new>
#include <type_traits>

#include "greenroom.h"

#define GR_FIELD(type, field) {#field, gr::type_of<decltype(type::field)>, offsetof(type, field), sizeof(type::field), false}
#define GR_MAYBE(type, field) {#field, gr::type_of<decltype(type::field)>, offsetof(type, field), sizeof(type::field), true}
// The fields of a struct at namespace scope: once, after it.
#define GR_FIELDS(type, ...)                                        \
  inline constexpr gr_field_t gr_fields_of_##type[] = {__VA_ARGS__, {}}; \
  template <>                                                       \
  inline constexpr const gr_field_t *gr::fields<type> = gr_fields_of_##type

namespace gr {

template <class T>
inline constexpr gr_type_t type_of = [] {
  if constexpr (std::same_as<T, bool>) return GR_BOOL;
  else if constexpr (std::same_as<T, double>) return GR_NUMBER;
  else if constexpr (std::same_as<T, uint64_t>) return GR_WHOLE;
  else if constexpr (std::same_as<T, int64_t>) return GR_INTEGER;
  else if constexpr (std::same_as<T, const char *>) return GR_TEXT;
  else if constexpr (std::same_as<T, gr_address_t>) return GR_ADDRESS;
  else if constexpr (std::same_as<T, gr_json_t>) return GR_JSON;
  else if constexpr (std::is_array_v<T> && std::same_as<std::remove_extent_t<T>, char>) return GR_CHARS;
  else static_assert(!sizeof(T), "a field is a uint64_t, int64_t, double, bool, const char *, char[N], gr_address_t or gr_json_t");
}();

// The fields of a struct; none that GR_FIELDS has not told.
template <class T>
inline constexpr const gr_field_t *fields = nullptr;

// A message of a struct's fields.
template <class T>
gr_message_t message(const char *kind, const T &values) {
  static_assert(fields<T> != nullptr, "GR_FIELDS(T, …) says what is in a message");
  return gr_message(kind, fields<T>, &values);
}

inline gr_message_t message(const char *kind) { return gr_signal(kind); }

inline gr_message_t value(std::unsigned_integral auto value) { return gr_whole(value); }
inline gr_message_t value(std::signed_integral auto value) { return gr_integer(value); }
inline gr_message_t value(double value) { return gr_number(value); }
inline gr_message_t value(bool value) { return gr_truth(value); }
inline gr_message_t value(const char *value) { return gr_text(value); }
template <class T>
  requires(fields<T> != nullptr)
gr_message_t value(const T &values) {
  return message("answer", values);
}

// A turn: the functions of greenroom/calls.h. What is not here is called with raw().
class Turn {
 public:
  explicit Turn(gr_turn_t *turn) : turn_(turn) {}
  gr_turn_t *raw() { return turn_; }
  const char *why() const { return gr_why(turn_); }

  gr_next_t fail(const char *text) { return gr_fail(turn_, "%s", text); }
  gr_next_t unhandled(const char *text) { return gr_unhandled(turn_, text); }
  gr_next_t become(const char *behavior) { return gr_become(turn_, behavior); }
  // Ends the actor with the text of the call that failed, or goes on.
  gr_next_t check(gr_error_t error) { return error ? fail(why()) : GR_SAME; }

  gr_error_t tell(gr_address_t to, gr_message_t message) { return gr_tell(turn_, to, message); }
  gr_error_t ask(gr_address_t to, gr_message_t message, uint64_t timeout_ms, const char *then) {
    return gr_ask(turn_, to, message, timeout_ms, then);
  }
  gr_next_t reply(gr_message_t answer) { return gr_reply(turn_, answer); }
  gr_next_t reply(const auto &answer) { return gr_reply(turn_, value(answer)); }
  gr_next_t refuse(const char *why) { return gr_refuse(turn_, why); }
  uint64_t send_after(uint64_t delay_ms, gr_message_t message) { return gr_send_after(turn_, delay_ms, message); }
  uint64_t send_every(uint64_t every_ms, gr_message_t message) { return gr_send_every(turn_, every_ms, message); }
  gr_error_t publish(const char *topic, gr_message_t message) { return gr_publish(turn_, topic, message); }
  gr_error_t subscribe(const char *pattern) { return gr_subscribe(turn_, pattern); }
  gr_error_t read(const char *device, double &value) { return gr_read_device(turn_, device, &value, nullptr); }
  gr_error_t write(const char *device, double value) { return gr_write_device(turn_, device, value); }
  gr_error_t lookup(const char *name, gr_address_t &who) { return gr_lookup(turn_, name, &who); }

 private:
  gr_turn_t *turn_;
};

namespace detail {

template <auto handle>
struct Handler;

template <class C, class M, gr_next_t (C::*handle)(const M &, Turn &)>
struct Handler<handle> {
  static_assert(fields<M> != nullptr, "GR_FIELDS(M, …) says what is in a message");
  static gr_next_t call(void *self, const void *message, gr_turn_t *raw) {
    Turn turn(raw);
    return (static_cast<C *>(self)->*handle)(*static_cast<const M *>(message), turn);
  }
  static constexpr gr_kind_t kind(const char *name) { return {name, call, fields<M>, sizeof(M)}; }
};

template <class C, gr_next_t (C::*handle)(Turn &)>
struct Handler<handle> {
  static gr_next_t call(void *self, const void *, gr_turn_t *raw) {
    Turn turn(raw);
    return (static_cast<C *>(self)->*handle)(turn);
  }
  static constexpr gr_kind_t kind(const char *name) { return {name, call, nullptr, 0}; }
};

template <auto handle>
struct Answer;

// An answer that did not come is a null.
template <class C, class M, gr_next_t (C::*handle)(const M *, gr_error_t, Turn &)>
struct Answer<handle> {
  static gr_next_t call(void *self, const void *answer, gr_error_t error, gr_turn_t *raw) {
    Turn turn(raw);
    return (static_cast<C *>(self)->*handle)(static_cast<const M *>(answer), error, turn);
  }
  static constexpr gr_answer_t kind(const char *name) { return {name, call, fields<M>, sizeof(M)}; }
};

template <class C>
gr_next_t init(void *self, const void *config, gr_turn_t *raw) {
  C *actor = new (self) C{};
  Turn turn(raw);
  if constexpr (requires(const typename C::Config &c) { actor->init(c, turn); })
    return actor->init(*static_cast<const typename C::Config *>(config), turn);
  else if constexpr (requires { actor->init(turn); }) return actor->init(turn);
  else return GR_SAME;
}

template <class C>
gr_next_t resume(void *self, const void *config, gr_occasion_t occasion, gr_turn_t *raw) {
  // What was kept has been read already, and the constructor would not know.
  auto kept = static_cast<C *>(self)->kept;
  static_assert(std::is_trivially_copyable_v<decltype(kept)>, "what is kept is plain data");
  C *actor = new (self) C{};
  actor->kept = kept;
  Turn turn(raw);
  if constexpr (requires(const typename C::Config &c) { actor->resume(c, occasion, turn); })
    return actor->resume(*static_cast<const typename C::Config *>(config), occasion, turn);
  else if constexpr (requires { actor->resume(occasion, turn); }) return actor->resume(occasion, turn);
  else return GR_SAME;
}

template <class C>
struct ConfigOf {
  static constexpr const gr_field_t *table = nullptr;
  static constexpr size_t size = 0;
  static constexpr const void *defaults = nullptr;
};

template <class C>
  requires requires { typename C::Config; }
struct ConfigOf<C> {
  using Config = typename C::Config;
  static constexpr Config values{};
  static constexpr const gr_field_t *table = fields<Config>;
  static constexpr size_t size = sizeof(Config);
  static constexpr const void *defaults = &values;
};

template <class C>
gr_next_t exited(void *self, gr_address_t who, gr_reason_t why, gr_turn_t *raw) {
  Turn turn(raw);
  return static_cast<C *>(self)->exited(who, why, turn);
}

template <class C>
gr_next_t down(void *self, uint64_t monitor, gr_address_t who, gr_reason_t why, gr_turn_t *raw) {
  Turn turn(raw);
  return static_cast<C *>(self)->down(monitor, who, why, turn);
}

template <class C>
void stopping(void *self, gr_reason_t why, gr_turn_t *raw) {
  Turn turn(raw);
  static_cast<C *>(self)->stopping(why, turn);
}

}  // namespace detail

// A message that a member function handles, which takes its struct and the turn, or the turn alone.
template <auto handle>
constexpr gr_kind_t on(const char *kind) {
  return detail::Handler<handle>::kind(kind);
}

// The answer to a question that a member function handles: (const M *, gr_error_t, gr::Turn &).
template <auto handle>
constexpr gr_answer_t on_answer(const char *kind) {
  return detail::Answer<handle>::kind(kind);
}

// What a class keeps in its member `kept`: for gr_actor_t::state.
template <class C>
constexpr gr_state_t state(uint32_t version = 1) {
  gr_state_t state{};
  state.version = version;
  state.fields = fields<decltype(C::kept)>;
#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Winvalid-offsetof"
  state.at = offsetof(C, kept);
#pragma GCC diagnostic pop
  state.resume = detail::resume<C>;
  return state;
}

// The actor of a class.
template <class C>
constexpr gr_actor_t actor(const gr_kind_t *kinds, const gr_state_t *state = nullptr, const gr_answer_t *answers = nullptr) {
  gr_actor_t actor{};
  actor.size = sizeof(C);
  actor.config = detail::ConfigOf<C>::table;
  actor.config_size = detail::ConfigOf<C>::size;
  actor.config_defaults = detail::ConfigOf<C>::defaults;
  actor.init = detail::init<C>;
  actor.kinds = kinds;
  actor.state = state;
  actor.answers = answers;
  if constexpr (requires { &C::exited; }) actor.exited = detail::exited<C>;
  if constexpr (requires { &C::down; }) actor.down = detail::down<C>;
  if constexpr (requires { &C::stopping; }) actor.stopping = detail::stopping<C>;
  return actor;
}

}  // namespace gr
