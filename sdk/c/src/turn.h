// What is between the contract's exports and an actor's table: one actor, its memory, and the turn that it is in.
#pragma once

#include "../include/greenroom.h"

#include "../bindings/actor.h"
#include "text.h"

// Memory as a list: given back at the end of a turn, or with the actor.
typedef struct gr_piece {
  struct gr_piece *next;
  // As much as anything needs to be aligned.
  _Alignas(16) char bytes[];
} gr_piece_t;

void *gr_take_from(gr_piece_t **pieces, size_t size);
char *gr_copy(gr_piece_t **pieces, const void *bytes, size_t length);
void gr_give_back(gr_piece_t **pieces);

// A question that waits for its answer, with the kind that the answer comes as.
typedef struct gr_asked {
  struct gr_asked *next;
  uint64_t request;
  char kind[];
} gr_asked_t;

struct gr_turn {
  const gr_actor_t *actor;
  void *self;
  // The actor's own memory (its configuration), and this turn's.
  gr_piece_t *owned, *pieces;
  gr_asked_t *asked;
  // The message, while one is handled.
  const greenroom_actor_types_envelope_t *envelope;
  // The question, until it is answered or taken over. 0: none.
  uint64_t request;
  // Why the last call failed, and the text of a `next` that has one. Never NULL after a call.
  const char *why, *text;
};

// Reads a JSON object by a table; of texts it keeps copies in `pieces`. NULL, or what is wrong, in the turn's memory.
const char *gr_read_fields(gr_turn_t *turn, gr_piece_t **pieces, const char *json, size_t length,
                           const gr_field_t *fields, void *into);
// Writes fields as an object, without its last brace.
void gr_open_object(gr_buffer_t *buffer, const gr_field_t *fields, const void *values);
void gr_write_body(gr_buffer_t *buffer, const gr_message_t *message);
// "`add {how-many}`"
void gr_add_shape(gr_buffer_t *buffer, const char *kind, const gr_field_t *fields);
// The same name, `_` in C and `-` on the wire.
void gr_add_name(gr_buffer_t *buffer, const char *name);
// A buffer's text in the turn's memory; the buffer is freed.
const char *gr_settle(gr_turn_t *turn, gr_buffer_t *buffer);

// Types between the contract and the SDK.
actor_string_t gr_string(const char *text);
const char *gr_text_from(gr_turn_t *turn, actor_string_t string);
greenroom_actor_types_address_t gr_address_out(gr_address_t address);
gr_address_t gr_address_in(greenroom_actor_types_address_t address);
gr_reason_t gr_reason_in(gr_turn_t *turn, const greenroom_actor_types_reason_t *reason);
gr_error_t gr_ask_failed(gr_turn_t *turn, const greenroom_actor_types_ask_error_t *error);

// The actor of this component, or of the test that runs.
extern gr_turn_t gr_current;
// Begins anew: a test starts an actor more than once.
void gr_forget(void);
// Keeps a question in mind.
void gr_remember(uint64_t request, const char *kind);
const char *gr_not_granted(gr_turn_t *turn, actor_string_t grant);

// An export. An actor on bare bindings has its own in its place.
#define GR_OVER __attribute__((weak))

// Between the exports: a text for the caller of an export, who frees it; the end of a turn; the start of an actor up to its
// configuration (false: `err` says why); and what its function gave back.
actor_string_t gr_given(const char *text);
void gr_end_turn(void);
bool gr_begin(actor_string_t *config, void **read, actor_string_t *err);
bool gr_started(gr_next_t next, actor_string_t *err);
