// What the host calls: each function of the contract is one of the actor's.
//
// The actor gives back what the contract has, or `{ error: TEXT }` where that is a result. What it throws ends the instance.

#include <stdlib.h>

#include "engine.h"
#include "exports.h"

// The generator's object file would have this, so that it is not left out by the linker. What it holds, the world, is
// embedded as the component is made.
void __component_type_object_force_link_actor(void);
void __component_type_object_force_link_actor(void) {}

static JSValue called(const char *name, int argc, JSValue *argv) {
  JSValue value = call(name, argc, argv);
  if (JS_IsException(value)) die();
  return value;
}

// Whether a value is an error; frees it if it is.
static bool is_error(JSValue value, actor_string_t *error) {
  if (!JS_IsObject(value)) return false;
  JSValue text = JS_GetPropertyStr(js, value, "error");
  bool is_one = JS_IsString(text);
  if (is_one && !to_string(text, error)) die();
  JS_FreeValue(js, text);
  if (is_one) JS_FreeValue(js, value);
  return is_one;
}

static bool next_of(JSValue value, next_t *next, actor_string_t *error) {
  if (is_error(value, error)) return false;
  if (!to_next(value, next)) die();
  JS_FreeValue(js, value);
  return true;
}

static JSValue number(uint64_t number) { return JS_NewBigUint64(js, number); }

bool exports_greenroom_actor_behavior_init(actor_string_t *config, uint8_t *started, actor_string_t *error) {
  JSValue value = called("init", 1, (JSValue[]){js_string(config)});
  if (is_error(value, error)) return false;
  // true: ready; false: there is nothing to do.
  *started = JS_ToBool(js, value) ? EXPORTS_GREENROOM_ACTOR_BEHAVIOR_STARTED_READY
                                  : EXPORTS_GREENROOM_ACTOR_BEHAVIOR_STARTED_IGNORE;
  JS_FreeValue(js, value);
  return true;
}

bool exports_greenroom_actor_behavior_handle(greenroom_actor_types_envelope_t *envelope, next_t *next,
                                             actor_string_t *error) {
  JSValue arguments[] = {
      js_string(&envelope->message.kind),
      js_bytes(&envelope->message.body),
      envelope->sender.is_some ? js_address(&envelope->sender.val) : JS_NULL,
      envelope->request.is_some ? number(envelope->request.val) : JS_NULL,
      envelope->topic.is_some ? js_string(&envelope->topic.val) : JS_NULL,
  };
  return next_of(called("handle", 5, arguments), next, error);
}

uint32_t exports_greenroom_actor_state_version(void) {
  JSValue value = called("version", 0, NULL);
  uint32_t version;
  if (JS_ToUint32(js, &version, value)) die();
  JS_FreeValue(js, value);
  return version;
}

void exports_greenroom_actor_state_accepts(actor_list_u32_t *versions) {
  JSValue value = called("accepts", 0, NULL);
  int64_t length;
  if (JS_GetLength(js, value, &length)) die();
  *versions = (actor_list_u32_t){calloc((size_t)length + 1, sizeof(uint32_t)), (size_t)length};
  if (!versions->ptr) __builtin_trap();
  for (uint32_t i = 0; i < versions->len; i++) {
    JSValue item = JS_GetPropertyUint32(js, value, i);
    if (JS_ToUint32(js, &versions->ptr[i], item)) die();
    JS_FreeValue(js, item);
  }
  JS_FreeValue(js, value);
}

bool exports_greenroom_actor_state_save(actor_list_u8_t *bytes, actor_string_t *error) {
  JSValue value = called("save", 0, NULL);
  if (is_error(value, error)) return false;
  if (!to_bytes(value, bytes)) die();
  JS_FreeValue(js, value);
  return true;
}

bool exports_greenroom_actor_state_restore(uint8_t occasion, actor_string_t *config, uint32_t version,
                                           actor_list_u8_t *bytes, actor_string_t *error) {
  static const char *const OCCASIONS[] = {"swapped", "restarted", "woken"};
  JSValue arguments[] = {JS_NewString(js, OCCASIONS[occasion]), js_string(config), JS_NewUint32(js, version),
                         js_bytes(bytes)};
  JSValue value = called("restore", 4, arguments);
  if (is_error(value, error)) return false;
  JS_FreeValue(js, value);
  return true;
}

bool exports_greenroom_actor_signals_exited(address_t *who, reason_t *why, next_t *next, actor_string_t *error) {
  return next_of(called("exited", 2, (JSValue[]){js_address(who), js_reason(why)}), next, error);
}

bool exports_greenroom_actor_signals_down(uint64_t monitor, address_t *who, reason_t *why, next_t *next,
                                          actor_string_t *error) {
  return next_of(called("down", 3, (JSValue[]){number(monitor), js_address(who), js_reason(why)}), next, error);
}

void exports_greenroom_actor_signals_stopping(reason_t *why) {
  JS_FreeValue(js, called("stopping", 1, (JSValue[]){js_reason(why)}));
}

// (request, answer or null, why there is none or null)
bool exports_greenroom_actor_replies_answered(uint64_t request,
                                              exports_greenroom_actor_replies_result_message_ask_error_t *answer,
                                              next_t *next, actor_string_t *error) {
  JSValue arguments[] = {number(request), answer->is_err ? JS_NULL : js_message(&answer->val.ok),
                         answer->is_err ? js_ask_error(&answer->val.err) : JS_NULL};
  return next_of(called("answered", 3, arguments), next, error);
}

GR_EXPORTS_BEHAVIOR();
GR_EXPORTS_STATE();
GR_EXPORTS_SIGNALS();
GR_EXPORTS_REPLIES();
