// Asking and waiting. A file of its own: an actor that does not call it does not import it, and needs no fiber.

#include "turn.h"

gr_error_t gr_ask_wait(gr_turn_t *turn, gr_address_t to, gr_message_t message, uint64_t timeout_ms,
                       const gr_field_t *fields, void *into) {
  gr_buffer_t body = {0};
  gr_write_body(&body, &message);
  greenroom_actor_types_address_t whom = gr_address_out(to);
  greenroom_actor_types_message_t what = {gr_string(message.kind), {(uint8_t *)body.at, body.length}}, answer;
  greenroom_actor_types_ask_error_t error;
  uint64_t timeout = timeout_ms > UINT64_MAX / 1000000 ? UINT64_MAX : timeout_ms * 1000000;
  bool is = greenroom_actor_asking_ask(&whom, &what, timeout, &answer, &error);
  gr_free(&body);
  if (!is) {
    gr_error_t result = gr_ask_failed(turn, &error);
    greenroom_actor_types_ask_error_free(&error);
    return result;
  }
  turn->why = NULL;
  if (fields)
    turn->why = gr_read_fields(turn, &turn->pieces, (const char *)answer.body.ptr, answer.body.len, fields, into);
  greenroom_actor_types_message_free(&answer);
  return turn->why ? GR_OTHER : GR_OK;
}
