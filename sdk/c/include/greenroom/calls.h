// What an actor can do in a turn. Times are in milliseconds where a name says so, and in nanoseconds else.
#pragma once

#include "../greenroom.h"

#ifdef __cplusplus
extern "C" {
#endif

// The turn

// The actor's own address; who sent the message (false: somebody outside); the topic that it was published on, or NULL.
gr_address_t gr_self(void);
bool gr_sender(const gr_turn_t *turn, gr_address_t *sender);
const char *gr_topic(const gr_turn_t *turn);
// The message of this turn as it came. `length` (may be NULL) is that of the body, which a 0 follows.
const char *gr_raw_kind(const gr_turn_t *turn);
const char *gr_raw_body(const gr_turn_t *turn, size_t *length);
// Memory that is given back at the end of the turn. Never NULL.
void *gr_take(gr_turn_t *turn, size_t size);
// Reads a JSON object into a struct, as a message's body is read. False: it does not fit, and gr_why says why.
bool gr_read(gr_turn_t *turn, const char *json, const gr_field_t *fields, void *into);
// Writes a message's body. Good until the end of the turn.
const char *gr_write(gr_turn_t *turn, gr_message_t message);

// Messaging

// Sends: at most once, in order between this actor and that one.
gr_error_t gr_tell(gr_turn_t *turn, gr_address_t to, gr_message_t message);
// Asks, and goes on: the answer comes to the actor's entry of `answers` of the kind `then`. Timeout: 1 ms to 1 h.
gr_error_t gr_ask(gr_turn_t *turn, gr_address_t to, gr_message_t message, uint64_t timeout_ms, const char *then);
// Asks, and waits for the answer: what the turn asked for so far takes effect now, and another turn begins with it. An
// actor that calls this runs on a fiber, which costs memory and time. `fields` (may be NULL) are the answer's.
gr_error_t gr_ask_wait(gr_turn_t *turn, gr_address_t to, gr_message_t message, uint64_t timeout_ms,
                       const gr_field_t *fields, void *into);
// Answers the question of this turn. Nothing happens when nobody asks, or it has been answered.
gr_next_t gr_reply(gr_turn_t *turn, gr_message_t answer);
// Refuses the message of this turn with a text that says what would be right.
gr_next_t gr_refuse(gr_turn_t *turn, const char *why);
// Takes the question over, to be answered in a later turn. 0: nobody asks.
uint64_t gr_request(gr_turn_t *turn);
gr_error_t gr_reply_to(gr_turn_t *turn, uint64_t request, gr_message_t answer);
gr_error_t gr_refuse_to(gr_turn_t *turn, uint64_t request, const char *why);

// Timers: to this actor itself. They end with the incarnation, and carry over a swap with state. Each gives back a number
// for gr_cancel, or 0 with gr_why. Times: 1 ms to 366 days.
uint64_t gr_send_after(gr_turn_t *turn, uint64_t delay_ms, gr_message_t message);
uint64_t gr_send_every(gr_turn_t *turn, uint64_t interval_ms, gr_message_t message);
void gr_cancel(uint64_t timer);

// Topics
gr_error_t gr_publish(gr_turn_t *turn, const char *topic, gr_message_t message);
gr_error_t gr_subscribe(gr_turn_t *turn, const char *pattern);
void gr_unsubscribe(const char *pattern);

// Devices: the latest value of one, as sampled by the host; an output; each new value as a message of kind `reading`.
gr_error_t gr_read_device(gr_turn_t *turn, const char *device, double *value, uint64_t *at);
gr_error_t gr_write_device(gr_turn_t *turn, const char *device, double value);
gr_error_t gr_watch_device(gr_turn_t *turn, const char *device);

// Names
gr_error_t gr_register(gr_turn_t *turn, const char *name);
void gr_unregister(const char *name);
// Whether somebody has the name now. GR_NO_ACTOR: nobody.
gr_error_t gr_lookup(gr_turn_t *turn, const char *name, gr_address_t *who);

// Other actors
typedef struct {
  // A JSON object, merged over the behaviour's own configuration. NULL: none.
  const char *config;
  // A name to register it under. NULL: none.
  const char *name;
  bool linked, monitored;
  // What it may do, to a NULL. NULL: all that its behaviour asks for and this actor has.
  const char *const *grants;
} gr_spawn_t;

// Spawns an actor with a behaviour of the manifest. `monitor` may be NULL.
gr_error_t gr_spawn(gr_turn_t *turn, const char *behavior, const gr_spawn_t *options, gr_address_t *who,
                    uint64_t *monitor);
void gr_link(gr_address_t to);
void gr_unlink(gr_address_t to);
uint64_t gr_monitor(gr_address_t whom);
void gr_demonitor(uint64_t monitor);
void gr_trap_exits(bool on);
void gr_exit(gr_address_t whom, gr_reason_t why);

// The clock: the monotonic time in nanoseconds; and nanoseconds since 1970, false while the machine's clock is not set.
uint64_t gr_now(void);
bool gr_wall(uint64_t *nanoseconds);

// The log: a line, at once, as printf makes it.
typedef enum { GR_TRACE, GR_DEBUG, GR_INFO, GR_WARN, GR_ERROR } gr_level_t;
void gr_log(gr_level_t level, const char *format, ...) __attribute__((format(printf, 2, 3)));

// Logs a text with the place in the source, and traps: for what cannot be.
#define GR_PANIC(text) gr_panic(__FILE__, __LINE__, text)
void gr_panic(const char *file, int line, const char *text) __attribute__((noreturn));

// Making a component: in one file of the actor, GR_EXPORT(name of its gr_actor_t); and, for an actor that has them,
// GR_EXPORT_STATE, GR_EXPORT_SIGNALS and GR_EXPORT_REPLIES. Natively only the first does something: tests start it.
extern const gr_actor_t *const gr_exported;
#define GR_EXPORT(actor)                      \
  const gr_actor_t *const gr_exported = &(actor); \
  GR_EXPORTS_BEHAVIOR()
#define GR_EXPORT_STATE() GR_EXPORTS_STATE()
#define GR_EXPORT_SIGNALS() GR_EXPORTS_SIGNALS()
#define GR_EXPORT_REPLIES() GR_EXPORTS_REPLIES()

#ifdef __cplusplus
}
#endif
