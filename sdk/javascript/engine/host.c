// The functions of the contract, as one object for the SDK: see `host.d.ts` beside its sources.
//
// An error of the host is thrown as it is, an object with `tag` and `val`; the SDK makes an Error of it.

#include <stdlib.h>

#include "engine.h"

#define FUNCTION(name) static JSValue name(JSContext *context, JSValueConst this, int argc, JSValueConst *argv)
#define UNUSED (void)context, (void)this, (void)argc, (void)argv

static bool to_message(JSValueConst kind, JSValueConst body, message_t *message) {
  if (!to_string(kind, &message->kind)) return false;
  if (to_bytes(body, &message->body)) return true;
  actor_string_free(&message->kind);
  return false;
}

// messaging

FUNCTION(own_address) {
  UNUSED;
  address_t own;
  greenroom_actor_messaging_own_address(&own);
  return js_address(&own);
}

FUNCTION(host_send) {
  UNUSED;
  address_t to;
  message_t message;
  send_error_t error;
  if (!to_address(argv[0], &to) || !to_message(argv[1], argv[2], &message)) return JS_EXCEPTION;
  bool sent = greenroom_actor_messaging_send(&to, &message, &error);
  greenroom_actor_types_message_free(&message);
  return sent ? JS_UNDEFINED : JS_Throw(js, js_send_error(&error));
}

FUNCTION(start_ask) {
  UNUSED;
  address_t to;
  message_t message;
  uint64_t timeout, request;
  ask_error_t error;
  if (!to_address(argv[0], &to) || !to_u64(argv[3], &timeout)) return JS_EXCEPTION;
  if (!to_message(argv[1], argv[2], &message)) return JS_EXCEPTION;
  bool asked = greenroom_actor_messaging_start_ask(&to, &message, timeout, &request, &error);
  greenroom_actor_types_message_free(&message);
  return asked ? JS_NewBigUint64(js, request) : JS_Throw(js, js_ask_error(&error));
}

static JSValue replied(uint64_t request, greenroom_actor_messaging_result_message_string_t *answer) {
  send_error_t error;
  bool sent = greenroom_actor_messaging_reply(request, answer, &error);
  greenroom_actor_messaging_result_message_string_free(answer);
  return sent ? JS_UNDEFINED : JS_Throw(js, js_send_error(&error));
}

FUNCTION(reply) {
  UNUSED;
  uint64_t request;
  greenroom_actor_messaging_result_message_string_t answer = {.is_err = false};
  if (!to_u64(argv[0], &request) || !to_message(argv[1], argv[2], &answer.val.ok)) return JS_EXCEPTION;
  return replied(request, &answer);
}

FUNCTION(refuse) {
  UNUSED;
  uint64_t request;
  greenroom_actor_messaging_result_message_string_t answer = {.is_err = true};
  if (!to_u64(argv[0], &request) || !to_string(argv[1], &answer.val.err)) return JS_EXCEPTION;
  return replied(request, &answer);
}

#ifdef ASKING
FUNCTION(ask) {
  UNUSED;
  address_t to;
  message_t message, answer;
  uint64_t timeout;
  ask_error_t error;
  if (!to_address(argv[0], &to) || !to_u64(argv[3], &timeout)) return JS_EXCEPTION;
  if (!to_message(argv[1], argv[2], &message)) return JS_EXCEPTION;
  bool answered = greenroom_actor_asking_ask(&to, &message, timeout, &answer, &error);
  greenroom_actor_types_message_free(&message);
  return answered ? js_message(&answer) : JS_Throw(js, js_ask_error(&error));
}
#endif

// actors

static bool to_strings(JSValueConst value, actor_list_string_t *list) {
  int64_t length;
  if (JS_GetLength(js, value, &length)) return false;
  *list = (actor_list_string_t){NULL, 0};
  // The bindings free no empty list.
  if (!length) return true;
  *list = (actor_list_string_t){calloc((size_t)length, sizeof(actor_string_t)), 0};
  for (; list->ptr && list->len < (size_t)length; list->len++) {
    JSValue item = JS_GetPropertyUint32(js, value, (uint32_t)list->len);
    bool is_one = to_string(item, &list->ptr[list->len]);
    JS_FreeValue(js, item);
    if (!is_one) break;
  }
  if (list->ptr && list->len == (size_t)length) return true;
  if (!list->ptr) JS_ThrowOutOfMemory(js);
  else actor_list_string_free(list);
  return false;
}

static bool is_none(JSValueConst value) { return JS_IsUndefined(value) || JS_IsNull(value); }

// (behavior, config, name or null, link, monitor, grants or null)
FUNCTION(spawn) {
  UNUSED;
  static const case_t CASES[] = {{"unknown-behavior", NOTHING}, {"not-granted", TEXT}, {"limit", TEXT},
                                 {"name-taken", NOTHING},       {"invalid", TEXT},     {"other", TEXT}};
  actor_string_t behavior = {0}, config = {0};
  greenroom_actor_actors_options_t options = {0};
  options.name.is_some = !is_none(argv[2]);
  options.grants.is_some = !is_none(argv[5]);
  if (JS_ToBool(js, argv[3])) options.relation |= GREENROOM_ACTOR_ACTORS_RELATION_LINK;
  if (JS_ToBool(js, argv[4])) options.relation |= GREENROOM_ACTOR_ACTORS_RELATION_MONITOR;
  // What there is of a call that cannot be made is freed by whoever drops the instance: it is an error in the SDK.
  if (!to_string(argv[0], &behavior) || !to_string(argv[1], &config)) return JS_EXCEPTION;
  if (options.name.is_some && !to_string(argv[2], &options.name.val)) return JS_EXCEPTION;
  if (options.grants.is_some && !to_strings(argv[5], &options.grants.val)) return JS_EXCEPTION;
  greenroom_actor_actors_spawned_t spawned;
  greenroom_actor_actors_spawn_error_t error;
  bool done = greenroom_actor_actors_spawn(&behavior, &config, &options, &spawned, &error);
  actor_string_free(&behavior);
  actor_string_free(&config);
  greenroom_actor_actors_options_free(&options);
  if (!done) return JS_Throw(js, js_case(CASES, error.tag, &error.val));
  JSValue object = JS_NewObject(js);
  JSValue monitor = spawned.monitor.is_some ? JS_NewBigUint64(js, spawned.monitor.val) : JS_NULL;
  JS_SetPropertyStr(js, object, "address", js_address(&spawned.address));
  JS_SetPropertyStr(js, object, "monitor", monitor);
  return object;
}

FUNCTION(host_link) {
  UNUSED;
  address_t to;
  if (!to_address(argv[0], &to)) return JS_EXCEPTION;
  greenroom_actor_actors_link(&to);
  return JS_UNDEFINED;
}

FUNCTION(host_unlink) {
  UNUSED;
  address_t to;
  if (!to_address(argv[0], &to)) return JS_EXCEPTION;
  greenroom_actor_actors_unlink(&to);
  return JS_UNDEFINED;
}

FUNCTION(monitor) {
  UNUSED;
  address_t whom;
  if (!to_address(argv[0], &whom)) return JS_EXCEPTION;
  return JS_NewBigUint64(js, greenroom_actor_actors_monitor(&whom));
}

FUNCTION(demonitor) {
  UNUSED;
  uint64_t monitor;
  if (!to_u64(argv[0], &monitor)) return JS_EXCEPTION;
  greenroom_actor_actors_demonitor(monitor);
  return JS_UNDEFINED;
}

FUNCTION(trap_exits) {
  UNUSED;
  greenroom_actor_actors_trap_exits(JS_ToBool(js, argv[0]));
  return JS_UNDEFINED;
}

FUNCTION(host_exit) {
  UNUSED;
  address_t whom;
  reason_t why;
  if (!to_address(argv[0], &whom) || !to_reason(argv[1], &why)) return JS_EXCEPTION;
  greenroom_actor_actors_exit(&whom, &why);
  greenroom_actor_types_reason_free(&why);
  return JS_UNDEFINED;
}

// names

static JSValue js_name_error(greenroom_actor_names_name_error_t *error) {
  static const case_t CASES[] = {{"taken", NOTHING}, {"invalid", TEXT}, {"not-granted", TEXT}, {"other", TEXT}};
  return js_case(CASES, error->tag, &error->val);
}

FUNCTION(register_name) {
  UNUSED;
  actor_string_t name;
  greenroom_actor_names_name_error_t error;
  if (!to_string(argv[0], &name)) return JS_EXCEPTION;
  bool done = greenroom_actor_names_register(&name, &error);
  actor_string_free(&name);
  return done ? JS_UNDEFINED : JS_Throw(js, js_name_error(&error));
}

FUNCTION(unregister) {
  UNUSED;
  actor_string_t name;
  if (!to_string(argv[0], &name)) return JS_EXCEPTION;
  greenroom_actor_names_unregister(&name);
  actor_string_free(&name);
  return JS_UNDEFINED;
}

FUNCTION(lookup) {
  UNUSED;
  actor_string_t name;
  greenroom_actor_names_option_address_t found;
  greenroom_actor_names_name_error_t error;
  if (!to_string(argv[0], &name)) return JS_EXCEPTION;
  bool done = greenroom_actor_names_lookup(&name, &found, &error);
  actor_string_free(&name);
  if (!done) return JS_Throw(js, js_name_error(&error));
  return found.is_some ? js_address(&found.val) : JS_NULL;
}

// clock, log, config

FUNCTION(now) {
  UNUSED;
  return JS_NewBigUint64(js, greenroom_actor_clock_now());
}

FUNCTION(wall) {
  UNUSED;
  uint64_t nanos;
  return greenroom_actor_clock_wall(&nanos) ? JS_NewBigUint64(js, nanos) : JS_NULL;
}

// (level from 0, trace, to 4, error; text)
FUNCTION(host_log) {
  UNUSED;
  int32_t level;
  actor_string_t text;
  if (JS_ToInt32(js, &level, argv[0]) || !to_string(argv[1], &text)) return JS_EXCEPTION;
  greenroom_actor_log_write((uint8_t)level, &text);
  actor_string_free(&text);
  return JS_UNDEFINED;
}

FUNCTION(config) {
  UNUSED;
  actor_string_t config;
  greenroom_actor_config_get(&config);
  return js_string(&config);
}

// timers

typedef bool timer_t_(uint64_t length, address_t *to, message_t *message, uint64_t *timer, send_error_t *error);

static JSValue set_timer(JSValueConst *argv, timer_t_ *set) {
  address_t to;
  message_t message;
  uint64_t length, timer;
  send_error_t error;
  if (!to_u64(argv[0], &length) || !to_address(argv[1], &to)) return JS_EXCEPTION;
  if (!to_message(argv[2], argv[3], &message)) return JS_EXCEPTION;
  bool done = set(length, &to, &message, &timer, &error);
  greenroom_actor_types_message_free(&message);
  return done ? JS_NewBigUint64(js, timer) : JS_Throw(js, js_send_error(&error));
}

FUNCTION(send_after) {
  UNUSED;
  return set_timer(argv, greenroom_actor_timers_send_after);
}

FUNCTION(send_every) {
  UNUSED;
  return set_timer(argv, greenroom_actor_timers_send_every);
}

FUNCTION(cancel) {
  UNUSED;
  uint64_t timer;
  if (!to_u64(argv[0], &timer)) return JS_EXCEPTION;
  greenroom_actor_timers_cancel(timer);
  return JS_UNDEFINED;
}

// topics, routes

static JSValue js_topic_error(greenroom_actor_topics_topic_error_t *error) {
  static const case_t CASES[] = {
      {"invalid", TEXT}, {"not-granted", TEXT}, {"too-large", U32}, {"no-registry", NOTHING}, {"other", TEXT}};
  return js_case(CASES, error->tag, &error->val);
}

FUNCTION(publish) {
  UNUSED;
  actor_string_t topic;
  message_t message;
  greenroom_actor_topics_topic_error_t error;
  if (!to_string(argv[0], &topic) || !to_message(argv[1], argv[2], &message)) return JS_EXCEPTION;
  bool done = greenroom_actor_topics_publish(&topic, &message, &error);
  actor_string_free(&topic);
  greenroom_actor_types_message_free(&message);
  return done ? JS_UNDEFINED : JS_Throw(js, js_topic_error(&error));
}

FUNCTION(subscribe) {
  UNUSED;
  actor_string_t pattern;
  greenroom_actor_topics_topic_error_t error;
  if (!to_string(argv[0], &pattern)) return JS_EXCEPTION;
  bool done = greenroom_actor_topics_subscribe(&pattern, &error);
  actor_string_free(&pattern);
  return done ? JS_UNDEFINED : JS_Throw(js, js_topic_error(&error));
}

FUNCTION(unsubscribe) {
  UNUSED;
  actor_string_t pattern;
  if (!to_string(argv[0], &pattern)) return JS_EXCEPTION;
  greenroom_actor_topics_unsubscribe(&pattern);
  actor_string_free(&pattern);
  return JS_UNDEFINED;
}

#ifdef ROUTES
FUNCTION(set_route) {
  UNUSED;
  actor_string_t pattern, error;
  int64_t length;
  if (!to_string(argv[0], &pattern) || JS_GetLength(js, argv[1], &length)) return JS_EXCEPTION;
  greenroom_actor_routes_list_address_t list = {calloc((size_t)length + 1, sizeof(address_t)), 0};
  for (; list.ptr && list.len < (size_t)length; list.len++) {
    JSValue item = JS_GetPropertyUint32(js, argv[1], (uint32_t)list.len);
    bool is_one = to_address(item, &list.ptr[list.len]);
    JS_FreeValue(js, item);
    if (!is_one) break;
  }
  bool whole = list.ptr && list.len == (size_t)length;
  bool done = whole && greenroom_actor_routes_set(&pattern, &list, &error);
  actor_string_free(&pattern);
  free(list.ptr);
  if (!list.ptr) return JS_ThrowOutOfMemory(js);
  if (!whole) return JS_EXCEPTION;
  return done ? JS_UNDEFINED : JS_Throw(js, js_string(&error));
}

FUNCTION(current_routes) {
  UNUSED;
  greenroom_actor_routes_list_route_t routes;
  actor_string_t error;
  if (!greenroom_actor_routes_current(&routes, &error)) return JS_Throw(js, js_string(&error));
  JSValue list = JS_NewArray(js);
  for (uint32_t i = 0; i < routes.len; i++) {
    const greenroom_actor_routes_route_t *route = &routes.ptr[i];
    JSValue object = JS_NewObject(js), receivers = JS_NewArray(js);
    for (uint32_t k = 0; k < route->receivers.len; k++) {
      JS_SetPropertyUint32(js, receivers, k, js_address(&route->receivers.ptr[k]));
    }
    JSValue pattern = JS_NewStringLen(js, (const char *)route->pattern.ptr, route->pattern.len);
    JS_SetPropertyStr(js, object, "pattern", pattern);
    JS_SetPropertyStr(js, object, "receivers", receivers);
    JS_SetPropertyUint32(js, list, i, object);
  }
  greenroom_actor_routes_list_route_free(&routes);
  return list;
}
#endif

// devices

static JSValue js_read_error(greenroom_actor_devices_read_error_t *error) {
  static const case_t CASES[] = {
      {"not-granted", TEXT}, {"no-device", NOTHING}, {"stale", U64}, {"failed", TEXT}, {"other", TEXT}};
  return js_case(CASES, error->tag, &error->val);
}

FUNCTION(host_read) {
  UNUSED;
  actor_string_t device;
  greenroom_actor_devices_reading_t reading;
  greenroom_actor_devices_read_error_t error;
  if (!to_string(argv[0], &device)) return JS_EXCEPTION;
  bool done = greenroom_actor_devices_read(&device, &reading, &error);
  actor_string_free(&device);
  if (!done) return JS_Throw(js, js_read_error(&error));
  JSValue object = JS_NewObject(js);
  JS_SetPropertyStr(js, object, "at", JS_NewBigUint64(js, reading.at));
  JS_SetPropertyStr(js, object, "value", JS_NewFloat64(js, reading.value));
  return object;
}

FUNCTION(host_write) {
  UNUSED;
  static const case_t CASES[] = {{"not-granted", TEXT},  {"no-device", NOTHING}, {"read-only", NOTHING}, {"busy", TEXT},
                                 {"out-of-range", TEXT}, {"max-on", NOTHING},    {"failed", TEXT},       {"other", TEXT}};
  actor_string_t device;
  double value;
  greenroom_actor_devices_write_error_t error;
  if (JS_ToFloat64(js, &value, argv[1]) || !to_string(argv[0], &device)) return JS_EXCEPTION;
  bool done = greenroom_actor_devices_write(&device, value, &error);
  actor_string_free(&device);
  return done ? JS_UNDEFINED : JS_Throw(js, js_case(CASES, error.tag, &error.val));
}

FUNCTION(watch) {
  UNUSED;
  actor_string_t device;
  greenroom_actor_devices_read_error_t error;
  if (!to_string(argv[0], &device)) return JS_EXCEPTION;
  bool done = greenroom_actor_devices_watch(&device, &error);
  actor_string_free(&device);
  return done ? JS_UNDEFINED : JS_Throw(js, js_read_error(&error));
}

// What the engine lacks: text from bytes and back, and chance that is not the same for all.

FUNCTION(decode) {
  UNUSED;
  size_t length;
  const uint8_t *at = JS_IsArrayBuffer(argv[0]) ? JS_GetArrayBuffer(js, &length, argv[0])
                                                : JS_GetUint8Array(js, &length, argv[0]);
  if (!at && JS_HasException(js)) return JS_EXCEPTION;
  return JS_NewStringLen(js, at ? (const char *)at : "", at ? length : 0);
}

FUNCTION(encode) {
  UNUSED;
  size_t length;
  const char *text = JS_ToCStringLen(js, &length, argv[0]);
  if (!text) return JS_EXCEPTION;
  JSValue bytes = JS_NewUint8ArrayCopy(js, (const uint8_t *)text, length);
  JS_FreeCString(js, text);
  return bytes;
}

FUNCTION(chance) {
  UNUSED;
  return JS_NewFloat64(js, random_number());
}

JSValue js_host(JSContext *context) {
  static const JSCFunctionListEntry FUNCTIONS[] = {
      JS_CFUNC_DEF("ownAddress", 0, own_address),
      JS_CFUNC_DEF("send", 3, host_send),
      JS_CFUNC_DEF("startAsk", 4, start_ask),
      JS_CFUNC_DEF("reply", 3, reply),
      JS_CFUNC_DEF("refuse", 2, refuse),
      JS_CFUNC_DEF("spawn", 6, spawn),
      JS_CFUNC_DEF("link", 1, host_link),
      JS_CFUNC_DEF("unlink", 1, host_unlink),
      JS_CFUNC_DEF("monitor", 1, monitor),
      JS_CFUNC_DEF("demonitor", 1, demonitor),
      JS_CFUNC_DEF("trapExits", 1, trap_exits),
      JS_CFUNC_DEF("exit", 2, host_exit),
      JS_CFUNC_DEF("register", 1, register_name),
      JS_CFUNC_DEF("unregister", 1, unregister),
      JS_CFUNC_DEF("lookup", 1, lookup),
      JS_CFUNC_DEF("now", 0, now),
      JS_CFUNC_DEF("wall", 0, wall),
      JS_CFUNC_DEF("log", 2, host_log),
      JS_CFUNC_DEF("config", 0, config),
      JS_CFUNC_DEF("sendAfter", 4, send_after),
      JS_CFUNC_DEF("sendEvery", 4, send_every),
      JS_CFUNC_DEF("cancel", 1, cancel),
      JS_CFUNC_DEF("publish", 3, publish),
      JS_CFUNC_DEF("subscribe", 1, subscribe),
      JS_CFUNC_DEF("unsubscribe", 1, unsubscribe),
      JS_CFUNC_DEF("read", 1, host_read),
      JS_CFUNC_DEF("write", 2, host_write),
      JS_CFUNC_DEF("watch", 1, watch),
      JS_CFUNC_DEF("decode", 1, decode),
      JS_CFUNC_DEF("encode", 1, encode),
      JS_CFUNC_DEF("random", 0, chance),
#ifdef ASKING
      JS_CFUNC_DEF("ask", 4, ask),
#endif
#ifdef ROUTES
      JS_CFUNC_DEF("setRoute", 2, set_route),
      JS_CFUNC_DEF("routes", 0, current_routes),
#endif
  };
  JSValue host = JS_NewObject(context);
  JS_SetPropertyFunctionList(context, host, FUNCTIONS, sizeof FUNCTIONS / sizeof *FUNCTIONS);
  return host;
}
