// What the files of the engine have in common.
#ifndef GREENROOM_ENGINE_H
#define GREENROOM_ENGINE_H

#include <stdbool.h>
#include <stdint.h>

#include "actor.h"
#include "quickjs.h"

typedef greenroom_actor_types_address_t address_t;
typedef greenroom_actor_types_message_t message_t;
typedef greenroom_actor_types_reason_t reason_t;
typedef greenroom_actor_types_send_error_t send_error_t;
typedef greenroom_actor_types_ask_error_t ask_error_t;
typedef greenroom_actor_types_next_t next_t;

// engine.c: the one context of an actor, the object with its exports, and a call of one of them.
extern JSContext *js;
extern JSValue actor;
JSValue call(const char *name, int argc, JSValue *argv);
_Noreturn void die(void);

// values.c: from the contract's types to JavaScript's. What is taken from the host is freed by them.
JSValue js_string(actor_string_t *text);
JSValue js_bytes(actor_list_u8_t *bytes);
JSValue js_address(const address_t *address);
JSValue js_message(message_t *message);
JSValue js_reason(reason_t *why);
JSValue js_send_error(send_error_t *error);
JSValue js_ask_error(ask_error_t *error);

// What a case of a variant carries.
typedef enum { NOTHING, TEXT, U32, U64, REASON } payload_t;
typedef struct {
  const char *tag;
  payload_t payload;
} case_t;
JSValue js_case(const case_t *cases, uint8_t tag, void *payload);

// And back. False: it is none, and an exception is pending. What they make is to be freed; of strings that are only
// lent to a call, `lent` is.
bool to_string(JSValueConst value, actor_string_t *text);
bool to_bytes(JSValueConst value, actor_list_u8_t *bytes);
bool to_u64(JSValueConst value, uint64_t *number);
bool to_address(JSValueConst value, address_t *address);
bool to_reason(JSValueConst value, reason_t *why);
bool to_next(JSValueConst value, next_t *next);

// host.c: the functions of the contract, as an object.
JSValue js_host(void);

// system.c: what the engine asks of an operating system.
double random_number(void);

#endif
