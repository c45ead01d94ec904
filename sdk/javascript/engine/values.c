// Between the contract's types and JavaScript's.
//
// An address is a string, as it is in JSON: two groups of 16 hexadecimal digits. Whole numbers of 64 bits are BigInts, a
// variant is an object with `tag` and `val`, a body is an ArrayBuffer.

#include <stdlib.h>
#include <string.h>

#include "engine.h"

JSValue js_string(actor_string_t *text) {
  JSValue value = JS_NewStringLen(js, (const char *)text->ptr, text->len);
  actor_string_free(text);
  return value;
}

JSValue js_bytes(actor_list_u8_t *bytes) {
  JSValue value = JS_NewArrayBufferCopy(js, bytes->ptr, bytes->len);
  actor_list_u8_free(bytes);
  return value;
}

static const char DIGITS[] = "0123456789abcdef";

static void hex(char *at, uint64_t number) {
  for (int i = 15; i >= 0; i--, number >>= 4) at[i] = DIGITS[number & 15];
}

JSValue js_address(const address_t *address) {
  char text[33];
  hex(text, address->node);
  text[16] = '-';
  hex(text + 17, address->key);
  return JS_NewStringLen(js, text, sizeof text);
}

JSValue js_message(message_t *message) {
  JSValue object = JS_NewObject(js);
  JS_SetPropertyStr(js, object, "kind", js_string(&message->kind));
  JS_SetPropertyStr(js, object, "body", js_bytes(&message->body));
  return object;
}

JSValue js_case(const case_t *cases, uint8_t tag, void *payload) {
  JSValue object = JS_NewObject(js), value = JS_UNDEFINED;
  JS_SetPropertyStr(js, object, "tag", JS_NewString(js, cases[tag].tag));
  switch (cases[tag].payload) {
    case NOTHING: return object;
    case TEXT: value = js_string(payload); break;
    case U32: value = JS_NewUint32(js, *(uint32_t *)payload); break;
    case U64: value = JS_NewBigUint64(js, *(uint64_t *)payload); break;
    case REASON: value = js_reason(payload); break;
  }
  JS_SetPropertyStr(js, object, "val", value);
  return object;
}

static const case_t REASONS[] = {
    {"normal", NOTHING},      {"shutdown", NOTHING},      {"killed", NOTHING},   {"failed", TEXT},         {"trapped", TEXT},
    {"out-of-time", NOTHING}, {"out-of-memory", NOTHING}, {"no-actor", NOTHING}, {"unreachable", NOTHING}, {"other", TEXT},
};

JSValue js_reason(reason_t *why) { return js_case(REASONS, why->tag, &why->val); }

JSValue js_send_error(send_error_t *error) {
  static const case_t CASES[] = {{"no-actor", NOTHING}, {"mailbox-full", NOTHING}, {"too-large", U32},
                                 {"invalid", TEXT},     {"not-granted", TEXT},     {"other", TEXT}};
  return js_case(CASES, error->tag, &error->val);
}

JSValue js_ask_error(ask_error_t *error) {
  static const case_t CASES[] = {
      {"no-actor", NOTHING},   {"mailbox-full", NOTHING}, {"too-large", U32},       {"invalid", TEXT},
      {"not-granted", TEXT},   {"timed-out", NOTHING},    {"restarting", NOTHING},  {"would-deadlock", TEXT},
      {"refused", TEXT},       {"ended", REASON},         {"unreachable", NOTHING}, {"other", TEXT},
  };
  return js_case(CASES, error->tag, &error->val);
}

// A copy in memory that the bindings free, as they free what the host gave: nothing, where there is nothing.
static bool copy(const void *from, size_t length, uint8_t **to) {
  *to = NULL;
  if (!length) return true;
  *to = malloc(length);
  if (!*to) {
    JS_ThrowOutOfMemory(js);
    return false;
  }
  memcpy(*to, from, length);
  return true;
}

bool to_string(JSValueConst value, actor_string_t *text) {
  const char *string = JS_ToCStringLen(js, &text->len, value);
  if (!string) return false;
  bool whole = copy(string, text->len, &text->ptr);
  JS_FreeCString(js, string);
  return whole;
}

// Text as UTF-8, or bytes as they are. Nothing is no bytes.
bool to_bytes(JSValueConst value, actor_list_u8_t *bytes) {
  if (JS_IsUndefined(value) || JS_IsNull(value)) {
    bytes->len = 0;
    return copy("", 0, &bytes->ptr);
  }
  if (JS_IsString(value)) {
    actor_string_t text;
    bool whole = to_string(value, &text);
    *bytes = (actor_list_u8_t){text.ptr, text.len};
    return whole;
  }
  const uint8_t *at = JS_IsArrayBuffer(value) ? JS_GetArrayBuffer(js, &bytes->len, value)
                                              : JS_GetUint8Array(js, &bytes->len, value);
  // An empty buffer has no address, and is no error.
  if (!at && JS_HasException(js)) return false;
  return copy(at ? at : (const uint8_t *)"", bytes->len, &bytes->ptr);
}

bool to_u64(JSValueConst value, uint64_t *number) {
  if (JS_IsBigInt(value)) return !JS_ToBigUint64(js, number, value);
  double amount;
  if (JS_ToFloat64(js, &amount, value)) return false;
  if (!(amount >= 0 && amount < 0x1p64)) {
    JS_ThrowRangeError(js, "expected a whole number from 0 to 2^64-1");
    return false;
  }
  *number = (uint64_t)amount;
  return true;
}

static bool unhex(const char *at, uint64_t *number) {
  *number = 0;
  for (int i = 0; i < 16; i++) {
    const char *digit = memchr(DIGITS, at[i], 16);
    if (!digit) return false;
    *number = *number << 4 | (uint64_t)(digit - DIGITS);
  }
  return true;
}

bool to_address(JSValueConst value, address_t *address) {
  size_t length;
  const char *text = JS_ToCStringLen(js, &length, value);
  if (!text) return false;
  bool is_one = length == 33 && text[16] == '-' && unhex(text, &address->node) && unhex(text + 17, &address->key);
  JS_FreeCString(js, text);
  if (!is_one) {
    JS_ThrowTypeError(js, "not an address: expected two groups of 16 hexadecimal digits with `-` between them");
  }
  return is_one;
}

// Which of the words the field `tag` is; none: -1, with an exception.
static int tag_of(JSValueConst value, const char *const *words, int count) {
  JSValue field = JS_GetPropertyStr(js, value, "tag");
  const char *tag = JS_IsException(field) ? NULL : JS_ToCString(js, field);
  JS_FreeValue(js, field);
  if (!tag) return -1;
  int found = -1;
  for (int i = 0; i < count && found < 0; i++) {
    if (!strcmp(tag, words[i])) found = i;
  }
  if (found < 0) JS_ThrowTypeError(js, "`%s` is none of its cases", tag);
  JS_FreeCString(js, tag);
  return found;
}

static bool text_of(JSValueConst value, actor_string_t *text) {
  JSValue field = JS_GetPropertyStr(js, value, "val");
  bool is_one = !JS_IsException(field) && to_string(field, text);
  JS_FreeValue(js, field);
  return is_one;
}

bool to_reason(JSValueConst value, reason_t *why) {
  const char *words[10];
  for (int i = 0; i < 10; i++) words[i] = REASONS[i].tag;
  int tag = tag_of(value, words, 10);
  if (tag < 0) return false;
  why->tag = (uint8_t)tag;
  return REASONS[tag].payload == NOTHING || text_of(value, &why->val.other);
}

bool to_next(JSValueConst value, next_t *next) {
  static const char *const WORDS[] = {"same", "changed", "defer", "unhandled", "become", "stop"};
  int tag = tag_of(value, WORDS, 6);
  if (tag < 0) return false;
  next->tag = (uint8_t)tag;
  bool carries = tag == GREENROOM_ACTOR_TYPES_NEXT_UNHANDLED || tag == GREENROOM_ACTOR_TYPES_NEXT_BECOME;
  return !carries || text_of(value, &next->val.unhandled);
}
