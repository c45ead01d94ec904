// The arguments of a check: lines of a message's body.
#pragma once

#include "text.h"

// The arguments of a check that are left: one a line.
typedef struct {
  const uint8_t *at;
  size_t left;
} args_t;

// Memory for this turn.
void *take(size_t size);
// The turn is over.
void give_back(void);

// The next line; an empty one when there is none left. It lives as long as the message.
actor_string_t arg_line(args_t *args);
// The next line's bytes: as they are, `hex:` and digits, or `fill:` and how many times "x". They live for this turn.
actor_string_t arg_text(args_t *args);
uint64_t arg_number(args_t *args);
double arg_float(args_t *args);
address_t arg_address(args_t *args);
reason_t arg_reason(args_t *args);
// Two lines, the kind and the body.
message_t arg_message(args_t *args);
bool is(actor_string_t string, const char *word);
