// The functions of the contract, as one object for the SDK: see `types/host.d.ts`. Here are those of the house itself.
//
// An error of the host is thrown as it is, an object with `tag` and `val`; the SDK makes an Error of it.

#include "host.h"

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

static void add_house(JSValue host) {
  static const JSCFunctionListEntry FUNCTIONS[] = {
      JS_CFUNC_DEF("now", 0, now),
      JS_CFUNC_DEF("wall", 0, wall),
      JS_CFUNC_DEF("log", 2, host_log),
      JS_CFUNC_DEF("config", 0, config),
      JS_CFUNC_DEF("decode", 1, decode),
      JS_CFUNC_DEF("encode", 1, encode),
      JS_CFUNC_DEF("random", 0, chance),
  };
  JS_SetPropertyFunctionList(js, host, FUNCTIONS, sizeof FUNCTIONS / sizeof *FUNCTIONS);
}

JSValue js_host(void) {
  JSValue host = JS_NewObject(js);
  add_house(host);
  add_messaging(host);
  add_family(host);
  add_places(host);
  return host;
}
