// The exports of the contract, by the actor's table. The path of a message: the host calls an export of the bindings,
// which calls a function here; `fields` reads the body, and the actor's function handles it.

#include "turn.h"

#include <stdlib.h>
#include <string.h>

actor_string_t gr_given(const char *text) {
  // The caller frees it.
  size_t length = strlen(text);
  char *copy = gr_alloc(length);
  memcpy(copy, text, length);
  return (actor_string_t){(uint8_t *)copy, length};
}

void gr_end_turn(void) {
  gr_current.envelope = NULL;
  gr_current.request = 0;
  gr_current.why = gr_current.text = NULL;
  gr_give_back(&gr_current.pieces);
}

// Makes the actor's struct, and reads the configuration for it. False: `err` says why.
bool gr_begin(actor_string_t *config, void **read, actor_string_t *err) {
  gr_forget();
  gr_turn_t *turn = &gr_current;
  turn->actor = gr_exported;
  turn->self = gr_alloc(turn->actor->size);
  *read = gr_take_from(&turn->owned, turn->actor->config_size);
  if (turn->actor->config_defaults) memcpy(*read, turn->actor->config_defaults, turn->actor->config_size);
  const char *why =
      gr_read_fields(turn, &turn->owned, (const char *)config->ptr, config->len, turn->actor->config, *read);
  if (!why) return true;
  gr_buffer_t text = {0};
  gr_add_text(&text, "configuration: ");
  gr_add_text(&text, why);
  *err = gr_given(gr_text_of(&text));
  gr_free(&text);
  return false;
}

bool gr_started(gr_next_t next, actor_string_t *err) {
  if (next == GR_FAILED) *err = gr_given(gr_current.text);
  return next != GR_FAILED;
}

GR_OVER bool exports_greenroom_actor_behavior_init(actor_string_t *config, uint8_t *ret, actor_string_t *err) {
  void *read;
  bool is = gr_begin(config, &read, err);
  gr_next_t next = GR_SAME;
  if (is && gr_current.actor->init) next = gr_current.actor->init(gr_current.self, read, &gr_current);
  *ret = next == GR_IGNORE ? EXPORTS_GREENROOM_ACTOR_BEHAVIOR_STARTED_IGNORE
                           : EXPORTS_GREENROOM_ACTOR_BEHAVIOR_STARTED_READY;
  is = is && gr_started(next, err);
  gr_end_turn();
  actor_string_free(config);
  return is;
}

// What a turn comes to, for the host.
static bool give(gr_next_t next, greenroom_actor_types_next_t *ret, actor_string_t *err) {
  if (next == GR_FAILED) {
    *err = gr_given(gr_current.text);
    return false;
  }
  // The SDK's words are in the contract's order.
  ret->tag = next == GR_IGNORE ? GREENROOM_ACTOR_TYPES_NEXT_SAME : (uint8_t)next;
  if (next == GR_UNHANDLED || next == GR_BECOME) ret->val.unhandled = gr_given(gr_current.text);
  return true;
}

// "`add {how-many}`: missing field `how-many`"
static gr_next_t misfit(const char *kind, const gr_field_t *fields, const char *why) {
  gr_buffer_t text = {0};
  gr_add_text(&text, "`");
  gr_add_shape(&text, kind, fields);
  gr_add_text(&text, "`: ");
  gr_add_text(&text, why);
  return gr_unhandled(&gr_current, gr_settle(&gr_current, &text));
}

static gr_next_t unknown(const char *kind) {
  gr_buffer_t text = {0};
  gr_add_text(&text, "`");
  gr_add_text(&text, kind);
  gr_add_text(&text, "` is not understood: ");
  const gr_kind_t *known = gr_current.actor->kinds;
  gr_add_text(&text, known && known->kind ? "expected " : "nothing is");
  for (const gr_kind_t *one = known; one && one->kind; one++) {
    if (one != known) gr_add_text(&text, " or ");
    gr_add_shape(&text, one->kind, one->fields);
  }
  return gr_unhandled(&gr_current, gr_settle(&gr_current, &text));
}

static gr_next_t handle(const char *kind, actor_list_u8_t body) {
  gr_turn_t *turn = &gr_current;
  const gr_kind_t *known = turn->actor->kinds;
  while (known && known->kind && strcmp(known->kind, kind)) known++;
  if (!known || !known->kind) return turn->actor->raw ? turn->actor->raw(turn->self, turn) : unknown(kind);
  void *message = known->fields ? gr_take(turn, known->size) : NULL;
  const char *why =
      gr_read_fields(turn, &turn->pieces, (const char *)body.ptr, body.len, known->fields, message);
  return why ? misfit(kind, known->fields, why) : known->handle(turn->self, message, turn);
}

GR_OVER bool exports_greenroom_actor_behavior_handle(greenroom_actor_types_envelope_t *envelope,
                                             greenroom_actor_types_next_t *ret, actor_string_t *err) {
  gr_turn_t *turn = &gr_current;
  turn->envelope = envelope;
  turn->request = envelope->request.is_some ? envelope->request.val : 0;
  const char *kind = gr_text_from(turn, envelope->message.kind);
  gr_next_t next = handle(kind, envelope->message.body);
  // Nobody is left waiting for an answer that never comes.
  if (turn->request && (next == GR_SAME || next == GR_CHANGED || next == GR_BECOME)) {
    gr_buffer_t why = {0};
    gr_add_text(&why, "`");
    gr_add_text(&why, kind);
    gr_add_text(&why, "` was handled, and has no answer");
    gr_refuse_to(turn, turn->request, gr_text_of(&why));
    gr_free(&why);
  }
  bool is = give(next, ret, err);
  gr_end_turn();
  greenroom_actor_types_envelope_free(envelope);
  return is;
}

// replies

static gr_next_t answered(const char *kind, exports_greenroom_actor_replies_result_message_ask_error_t *answer) {
  gr_turn_t *turn = &gr_current;
  const gr_answer_t *known = turn->actor->answers;
  while (known && known->kind && strcmp(known->kind, kind)) known++;
  if (!known || !known->kind) {
    // After a swap to code that knows the continuation no more.
    gr_log(GR_WARN, "an answer came for which there is no message any more: `%s`", kind);
    return GR_SAME;
  }
  if (answer->is_err) return known->handle(turn->self, NULL, gr_ask_failed(turn, &answer->val.err), turn);
  void *read = known->fields ? gr_take(turn, known->size) : NULL;
  const actor_list_u8_t *body = &answer->val.ok.body;
  const char *why = NULL;
  if (known->fields) why = gr_read_fields(turn, &turn->pieces, (const char *)body->ptr, body->len, known->fields, read);
  if (!why) return known->handle(turn->self, read, GR_OK, turn);
  gr_buffer_t text = {0};
  gr_add_text(&text, "the answer does not fit: ");
  gr_add_text(&text, why);
  turn->why = gr_settle(turn, &text);
  return known->handle(turn->self, NULL, GR_OTHER, turn);
}

GR_OVER bool exports_greenroom_actor_replies_answered(uint64_t request,
                                              exports_greenroom_actor_replies_result_message_ask_error_t *answer,
                                              greenroom_actor_types_next_t *ret, actor_string_t *err) {
  gr_asked_t **at = &gr_current.asked;
  while (*at && (*at)->request != request) at = &(*at)->next;
  gr_next_t next = GR_SAME;
  // The answer stands for the message of this turn.
  greenroom_actor_types_envelope_t envelope;
  memset(&envelope, 0, sizeof envelope);
  if (!answer->is_err) envelope.message = answer->val.ok;
  if (*at) {
    gr_asked_t *asked = *at;
    *at = asked->next;
    gr_current.envelope = &envelope;
    next = answered(asked->kind, answer);
    free(asked);
  } else {
    gr_log(GR_WARN, "an answer came to a question that nobody here asked");
  }
  bool is = give(next, ret, err);
  gr_end_turn();
  exports_greenroom_actor_replies_result_message_ask_error_free(answer);
  return is;
}

// signals

GR_OVER bool exports_greenroom_actor_signals_exited(greenroom_actor_types_address_t *who, greenroom_actor_types_reason_t *why,
                                            greenroom_actor_types_next_t *ret, actor_string_t *err) {
  gr_turn_t *turn = &gr_current;
  gr_reason_t reason = gr_reason_in(turn, why);
  gr_next_t next =
      turn->actor->exited ? turn->actor->exited(turn->self, gr_address_in(*who), reason, turn) : GR_SAME;
  bool is = give(next, ret, err);
  gr_end_turn();
  greenroom_actor_types_reason_free(why);
  return is;
}

GR_OVER bool exports_greenroom_actor_signals_down(uint64_t monitor, greenroom_actor_types_address_t *who,
                                          greenroom_actor_types_reason_t *why, greenroom_actor_types_next_t *ret,
                                          actor_string_t *err) {
  gr_turn_t *turn = &gr_current;
  gr_reason_t reason = gr_reason_in(turn, why);
  gr_next_t next =
      turn->actor->down ? turn->actor->down(turn->self, monitor, gr_address_in(*who), reason, turn) : GR_SAME;
  bool is = give(next, ret, err);
  gr_end_turn();
  greenroom_actor_types_reason_free(why);
  return is;
}

GR_OVER void exports_greenroom_actor_signals_stopping(greenroom_actor_types_reason_t *why) {
  gr_turn_t *turn = &gr_current;
  if (turn->actor->stopping) turn->actor->stopping(turn->self, gr_reason_in(turn, why), turn);
  gr_end_turn();
  greenroom_actor_types_reason_free(why);
}

// The generator's object file would have this, so that it is not left out by the linker. What it holds, the world, is
// embedded as the component is made.
void __component_type_object_force_link_actor(void);
GR_OVER void __component_type_object_force_link_actor(void) {}
