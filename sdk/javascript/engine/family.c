// Other actors, and their names.

#include <stdlib.h>

#include "host.h"

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

void add_family(JSValue host) {
  static const JSCFunctionListEntry FUNCTIONS[] = {
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
  };
  JS_SetPropertyFunctionList(js, host, FUNCTIONS, sizeof FUNCTIONS / sizeof *FUNCTIONS);
}
