// Write Greenroom actors in C.
//
// An actor is a table: what it keeps, which messages it understands, and a function for each. The SDK does the rest: JSON,
// messages that nobody understands, saving and restoring, an answer on every path of a question. In a test an actor is a
// value (greenroom/test.h), natively and in virtual time.
//
// What an actor asks for in a turn (a send, a timer, an output) takes effect when the turn ends well; a turn that traps,
// runs out of time or fails leaves nothing. Texts that the SDK hands over are good until the end of the turn, those of the
// configuration for as long as the actor.
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "greenroom/exports.h"
#include "greenroom/fields.h"

#ifdef __cplusplus
extern "C" {
#endif

// What a turn is about. Handed to each function, and good for that call.
typedef struct gr_turn gr_turn_t;

// What handles the next message: what each handler gives back. Those that need a text are made by a function.
typedef enum {
  // This actor, as before.
  GR_SAME,
  // This actor, in another state of its own: messages put aside with GR_DEFER are delivered again, oldest first.
  GR_CHANGED,
  // This actor; the message is put aside, with the question if it is one, until the next GR_CHANGED or gr_become.
  GR_DEFER,
  // gr_unhandled
  GR_UNHANDLED,
  // gr_become
  GR_BECOME,
  // Nothing: the actor ends, as `normal`.
  GR_STOP,
  // gr_fail
  GR_FAILED,
  // Of a start: there is nothing to do, and that is no failure (Erlang's `ignore`).
  GR_IGNORE,
} gr_next_t;

// The message was not understood: it goes to the dead letters with this text, and who asked is refused with it.
gr_next_t gr_unhandled(gr_turn_t *turn, const char *why);
// Another behaviour of the manifest, at the same address and with the same mailbox. Needs the grant `spawn:NAME`.
gr_next_t gr_become(gr_turn_t *turn, const char *behavior);
// The actor ends as `failed` with a text, as printf makes it, and what the turn asked for is dropped. Of a start: it failed.
gr_next_t gr_fail(gr_turn_t *turn, const char *format, ...) __attribute__((format(printf, 2, 3)));

// What the host says to what it cannot do. 0 is that it was done; gr_why has the text.
typedef enum {
  GR_OK,
  // There is no such actor, or its mailbox is full and its policy is to refuse.
  GR_NO_ACTOR,
  GR_MAILBOX_FULL,
  // The body is longer than the receiver takes.
  GR_TOO_LARGE,
  // A kind, a name, a topic or a time that is none.
  GR_INVALID,
  // The manifest does not allow it: the text has the grant that would.
  GR_NOT_GRANTED,
  // No answer came in time; the other actor is being restarted; the answer could never come; it was refused.
  GR_TIMED_OUT,
  GR_RESTARTING,
  GR_WOULD_DEADLOCK,
  GR_REFUSED,
  // The other actor ended before it answered: the text has its reason.
  GR_ENDED,
  GR_UNREACHABLE,
  // Spawning and names: no such behaviour, a limit, a name of another living actor.
  GR_UNKNOWN_BEHAVIOR,
  GR_LIMIT,
  GR_NAME_TAKEN,
  // Topics: the manifest names no registry.
  GR_NO_REGISTRY,
  // Devices: none of this name, an old value, an input, another writer, no value of it, too long on, or broken.
  GR_NO_DEVICE,
  GR_STALE,
  GR_READ_ONLY,
  GR_BUSY,
  GR_OUT_OF_RANGE,
  GR_MAX_ON,
  GR_BROKEN,
  // What a later host has to say, or an answer that does not fit.
  GR_OTHER,
} gr_error_t;

// What is wrong with the call before, in words. Never NULL.
const char *gr_why(const gr_turn_t *turn);

// Why an actor ended. The words are Erlang's where it has one.
typedef enum {
  GR_NORMAL,
  GR_SHUTDOWN,
  GR_KILLED,
  GR_REASON_FAILED,
  GR_TRAPPED,
  GR_OUT_OF_TIME,
  GR_OUT_OF_MEMORY,
  GR_REASON_NO_ACTOR,
  GR_REASON_UNREACHABLE,
  GR_REASON_OTHER,
} gr_cause_t;

typedef struct {
  gr_cause_t cause;
  // For those that have one: failed, trapped, other. Else empty.
  const char *text;
} gr_reason_t;

// Why the state is handed over.
typedef enum {
  // New code takes over the running actor: its timers, links, monitors, subscriptions and outputs are as they were.
  GR_SWAPPED,
  // The actor was restarted: set up what a start would.
  GR_RESTARTED,
  // The actor had been put away while it was idle. As GR_SWAPPED.
  GR_WOKEN,
} gr_occasion_t;

// A message that an actor understands.
typedef struct {
  // The kind, in kebab-case.
  const char *kind;
  // `message` is a struct of the fields below, or NULL when there are none.
  gr_next_t (*handle)(void *self, const void *message, gr_turn_t *turn);
  // The fields of the body, to one without a name, and the size of their struct. None: a body says nothing.
  const gr_field_t *fields;
  size_t size;
} gr_kind_t;

// The answer to a question that gr_ask asked with this kind: `answer` is its fields, or NULL when there is none, because of
// `error` (and gr_why).
typedef struct {
  const char *kind;
  gr_next_t (*handle)(void *self, const void *answer, gr_error_t error, gr_turn_t *turn);
  const gr_field_t *fields;
  size_t size;
} gr_answer_t;

// What is kept over swaps and restarts: a struct within the actor's own. Saved as a JSON object of its fields.
typedef struct {
  // The version of the fields: a change to them is a new version. 0 means 1.
  uint32_t version;
  const gr_field_t *fields;
  // Where the struct is in the actor's: offsetof.
  size_t at;
  // The actor is to start from what was kept, in place of `init`. May be NULL.
  gr_next_t (*resume)(void *self, const void *config, gr_occasion_t occasion, gr_turn_t *turn);
  // Older versions that `upgrade` takes, to a 0. It fills what is kept from the fields of the old JSON object, which
  // gr_read reads, or fails.
  const uint32_t *older;
  gr_next_t (*upgrade)(void *kept, uint32_t version, const char *json, gr_turn_t *turn);
} gr_state_t;

// An actor.
typedef struct {
  // The size of its struct. A new one is all zeroes.
  size_t size;
  // The fields of the configuration, the size of their struct, and the values of optional ones (NULL: zeroes).
  const gr_field_t *config;
  size_t config_size;
  const void *config_defaults;
  // Starts it, in its first turn: GR_SAME when it is ready, GR_IGNORE, or gr_fail. May be NULL.
  gr_next_t (*init)(void *self, const void *config, gr_turn_t *turn);
  // What it understands, to one without a kind.
  const gr_kind_t *kinds;
  // Sees every message that is none of `kinds`, raw, with gr_raw. NULL: such a message is not understood.
  gr_next_t (*raw)(void *self, gr_turn_t *turn);
  // The answers that it waits for. Needs GR_EXPORT_REPLIES.
  const gr_answer_t *answers;
  // What it keeps. Needs GR_EXPORT_STATE.
  const gr_state_t *state;
  // A linked actor ended (while trapping exits); a monitored one ended; the supervisor asks for an orderly end, and this
  // is the last turn. Need GR_EXPORT_SIGNALS.
  gr_next_t (*exited)(void *self, gr_address_t who, gr_reason_t why, gr_turn_t *turn);
  gr_next_t (*down)(void *self, uint64_t monitor, gr_address_t who, gr_reason_t why, gr_turn_t *turn);
  void (*stopping)(void *self, gr_reason_t why, gr_turn_t *turn);
} gr_actor_t;

#ifdef __cplusplus
}
#endif

#include "greenroom/calls.h"
