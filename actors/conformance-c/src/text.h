// JSON being written: what a check answers. `text_t` grows as it is written to.
#pragma once

#include "../../../sdk/c/bindings/exports.h"

typedef greenroom_actor_types_address_t address_t;
typedef greenroom_actor_types_message_t message_t;
typedef greenroom_actor_types_reason_t reason_t;
typedef greenroom_actor_types_ask_error_t ask_error_t;
typedef greenroom_actor_types_next_t next_turn_t;

// A text that grows.
typedef struct {
  uint8_t *at;
  size_t length, room;
} text_t;

// Adds bytes, or a C string, as they are.
void text_add(text_t *text, const void *bytes, size_t length);
void text_word(text_t *text, const char *word);
// Adds a JSON value.
void text_string(text_t *text, actor_string_t string);
void text_number(text_t *text, uint64_t number);
void text_float(text_t *text, double number);
void text_address(text_t *text, address_t address);
// Bytes are a string when they are ASCII, and "hex:…" otherwise.
void text_bytes(text_t *text, actor_list_u8_t bytes);
void text_message(text_t *text, const message_t *message);
// A variant's case: a string, or an object of its name and what it holds.
void text_case(text_t *text, const char *name, const actor_string_t *holds);
void text_case_number(text_t *text, const char *name, uint64_t holds);
void text_reason(text_t *text, const reason_t *reason);
void text_ask_error(text_t *text, const ask_error_t *error);
void text_free(text_t *text);

// The cases of `reason`, by their tags.
#define REASONS_COUNT 10
extern const char *const reason_names[REASONS_COUNT];
