// Topics and their routes, sensors and outputs.

#include <stdlib.h>

#include "host.h"

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

void add_places(JSValue host) {
  static const JSCFunctionListEntry FUNCTIONS[] = {
      JS_CFUNC_DEF("publish", 3, publish),
      JS_CFUNC_DEF("subscribe", 1, subscribe),
      JS_CFUNC_DEF("unsubscribe", 1, unsubscribe),
      JS_CFUNC_DEF("read", 1, host_read),
      JS_CFUNC_DEF("write", 2, host_write),
      JS_CFUNC_DEF("watch", 1, watch),
#ifdef ROUTES
      JS_CFUNC_DEF("setRoute", 2, set_route),
      JS_CFUNC_DEF("routes", 0, current_routes),
#endif
  };
  JS_SetPropertyFunctionList(js, host, FUNCTIONS, sizeof FUNCTIONS / sizeof *FUNCTIONS);
}
