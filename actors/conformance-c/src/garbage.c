// What only a language can do that lets a program hand over anything: no text, no memory of its own, no case there is.
// The host ends the turn of who does; the actor in Rust has no such checks.

#include "checks.h"

// As the bindings declare it, which give it no such place.
__attribute__((__import_module__("greenroom:actor/routes@0.1.0"), __import_name__("current")))
extern void __wasm_import_greenroom_actor_routes_current(uint8_t *);

static void garbage(args_t *args, text_t *result, outcome_t *outcome) {
  (void)outcome;
  static uint64_t routed[4];
  actor_string_t what = arg_line(args), err;
  actor_string_t text = {(uint8_t *)"text", 4};
  if (is(what, "bad-text")) {
    text.ptr = (uint8_t *)"\xff\xfe";
    text.len = 2;
    greenroom_actor_log_write(GREENROOM_ACTOR_LOG_LEVEL_INFO, &text);
  } else if (is(what, "far-text")) {
    text.ptr = (uint8_t *)0xfffffff0;
    text.len = 100;
    greenroom_actor_log_write(GREENROOM_ACTOR_LOG_LEVEL_INFO, &text);
  } else if (is(what, "huge-list")) {
    address_t self;
    greenroom_actor_messaging_own_address(&self);
    message_t message = {.kind = text, .body = {text.ptr, 0x7fffffff}};
    greenroom_actor_types_send_error_t error;
    greenroom_actor_messaging_send(&self, &message, &error);
  } else if (is(what, "no-such-case")) {
    greenroom_actor_log_write(200, &text);
  } else if (is(what, "far-answer")) {
    // The last place that is aligned: what is written there goes beyond all that a pointer can say.
    __wasm_import_greenroom_actor_routes_current((uint8_t *)0xfffffffc);
  } else if (is(what, "unaligned-list")) {
    greenroom_actor_routes_list_address_t list = {(address_t *)((uint8_t *)routed + 1), 1};
    greenroom_actor_routes_set(&text, &list, &err);
  }
  text_word(result, "\"it was taken\"");
}

const check_t GARBAGE[] = {{"garbage", garbage}, {0}};
