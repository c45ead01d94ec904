// What a function gave back, as JSON: `{"ok": …}` or `{"error": …}` where it can fail. And whom it is about.
#pragma once

#include "checks.h"

void ok(text_t *result);
void begin_ok(text_t *result);
void begin_error(text_t *result);
void end(text_t *result);
void nothing(text_t *result);
// These free what they show.
void send_error(text_t *result, greenroom_actor_types_send_error_t *error);
void ask_error(text_t *result, ask_error_t *error);

// The address of the actor that was spawned last, for `spawned` in place of an address.
extern address_t last_spawned;
// The next argument, an address.
address_t whom(args_t *args);
