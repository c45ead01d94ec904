// Memory, texts and types that a turn needs.

#include "turn.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

gr_turn_t gr_current;

void *gr_take_from(gr_piece_t **pieces, size_t size) {
  if (size > SIZE_MAX / 2) __builtin_trap();
  gr_piece_t *piece = gr_alloc(sizeof(gr_piece_t) + size);
  piece->next = *pieces;
  *pieces = piece;
  return piece->bytes;
}

char *gr_copy(gr_piece_t **pieces, const void *bytes, size_t length) {
  char *copy = gr_take_from(pieces, length + 1);
  if (length) memcpy(copy, bytes, length);
  return copy;
}

void gr_give_back(gr_piece_t **pieces) {
  while (*pieces) {
    gr_piece_t *next = (*pieces)->next;
    free(*pieces);
    *pieces = next;
  }
}

void gr_forget(void) {
  gr_give_back(&gr_current.owned);
  gr_give_back(&gr_current.pieces);
  while (gr_current.asked) {
    gr_asked_t *next = gr_current.asked->next;
    free(gr_current.asked);
    gr_current.asked = next;
  }
  free(gr_current.self);
  gr_current = (gr_turn_t){0};
}

void *gr_take(gr_turn_t *turn, size_t size) { return gr_take_from(&turn->pieces, size); }

const char *gr_settle(gr_turn_t *turn, gr_buffer_t *buffer) {
  const char *text = gr_copy(&turn->pieces, buffer->at, buffer->length);
  gr_free(buffer);
  return text;
}

const char *gr_why(const gr_turn_t *turn) { return turn->why ? turn->why : ""; }

static gr_next_t with(gr_turn_t *turn, gr_next_t next, const char *text) {
  turn->text = gr_copy(&turn->pieces, text, strlen(text));
  return next;
}

gr_next_t gr_unhandled(gr_turn_t *turn, const char *why) { return with(turn, GR_UNHANDLED, why); }

gr_next_t gr_become(gr_turn_t *turn, const char *behavior) { return with(turn, GR_BECOME, behavior); }

gr_next_t gr_fail(gr_turn_t *turn, const char *format, ...) {
  va_list some, again;
  va_start(some, format);
  va_copy(again, some);
  int length = vsnprintf(NULL, 0, format, some);
  va_end(some);
  char *text = gr_take(turn, length < 0 ? 1 : (size_t)length + 1);
  if (length >= 0) vsnprintf(text, (size_t)length + 1, format, again);
  va_end(again);
  turn->text = text;
  return GR_FAILED;
}

gr_message_t gr_message(const char *kind, const gr_field_t *fields, const void *values) {
  return (gr_message_t){.kind = kind, .fields = fields, .values = values};
}

gr_message_t gr_signal(const char *kind) { return (gr_message_t){.kind = kind}; }

gr_message_t gr_raw_message(const char *kind, const char *json) {
  return (gr_message_t){.kind = kind, .type = GR_JSON, .value.text = json};
}

// The kind of what has none of its own, as in all languages.
#define PLAIN "answer"

gr_message_t gr_whole(uint64_t value) { return (gr_message_t){.kind = PLAIN, .type = GR_WHOLE, .value.whole = value}; }

gr_message_t gr_integer(int64_t value) {
  return (gr_message_t){.kind = PLAIN, .type = GR_INTEGER, .value.integer = value};
}

gr_message_t gr_number(double value) { return (gr_message_t){.kind = PLAIN, .type = GR_NUMBER, .value.number = value}; }

gr_message_t gr_truth(bool value) { return (gr_message_t){.kind = PLAIN, .type = GR_BOOL, .value.truth = value}; }

gr_message_t gr_text(const char *value) { return (gr_message_t){.kind = PLAIN, .type = GR_TEXT, .value.text = value}; }

const char *gr_write(gr_turn_t *turn, gr_message_t message) {
  gr_buffer_t body = {0};
  gr_write_body(&body, &message);
  return gr_settle(turn, &body);
}

bool gr_read(gr_turn_t *turn, const char *json, const gr_field_t *fields, void *into) {
  turn->why = gr_read_fields(turn, &turn->pieces, json, strlen(json), fields, into);
  return !turn->why;
}

actor_string_t gr_string(const char *text) { return (actor_string_t){(uint8_t *)text, strlen(text)}; }

const char *gr_text_from(gr_turn_t *turn, actor_string_t string) {
  return gr_copy(&turn->pieces, string.ptr, string.len);
}

greenroom_actor_types_address_t gr_address_out(gr_address_t address) {
  return (greenroom_actor_types_address_t){address.node, address.key};
}

gr_address_t gr_address_in(greenroom_actor_types_address_t address) {
  return (gr_address_t){address.node, address.key};
}

gr_reason_t gr_reason_in(gr_turn_t *turn, const greenroom_actor_types_reason_t *reason) {
  // The SDK's causes are in the contract's order, and those with a text have it in the same place.
  bool has_text = reason->tag == GREENROOM_ACTOR_TYPES_REASON_FAILED ||
                  reason->tag == GREENROOM_ACTOR_TYPES_REASON_TRAPPED || reason->tag == GREENROOM_ACTOR_TYPES_REASON_OTHER;
  return (gr_reason_t){(gr_cause_t)reason->tag, has_text ? gr_text_from(turn, reason->val.other) : ""};
}
