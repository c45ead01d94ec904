// The context of one actor: made as the component is built, and kept in it as it stands (`prepare`).
//
// A call of the host's is a call of a function that the SDK exports. After it, whatever promises have to do is done, and
// what nobody caught ends the instance: it was told by the SDK, which knows the places in the source, or is told here.

#include <stdlib.h>
#include <string.h>

#include "engine.h"

JSContext *js;
JSValue actor;

// The first promise that was rejected in this turn and that nobody handles.
static JSValue rejected;

// What the engine may use of the 256 KiB of stack; a recursion that is deeper is an error of JavaScript's.
#define STACK (192 << 10)

static void on_rejection(JSContext *context, JSValueConst promise, JSValueConst why, bool is_handled, void *opaque) {
  (void)promise, (void)opaque;
  // A handler that comes after all takes back the last one: promises that are rejected together are rare.
  JS_FreeValue(context, rejected);
  rejected = is_handled ? JS_UNDEFINED : JS_DupValue(context, why);
}

// What went wrong, with its stack, as text that is to be freed.
static char *text_of(JSValueConst error) {
  const char *message = JS_ToCString(js, error);
  JSValue stack = JS_IsObject(error) ? JS_GetPropertyStr(js, error, "stack") : JS_UNDEFINED;
  const char *lines = JS_IsString(stack) ? JS_ToCString(js, stack) : NULL;
  size_t length = (message ? strlen(message) : 0) + (lines ? strlen(lines) : 0) + 2;
  char *text = malloc(length);
  if (text) {
    *text = 0;
    if (message) strcat(text, message);
    if (lines) strcat(strcat(text, "\n"), lines);
  }
  JS_FreeCString(js, message);
  JS_FreeCString(js, lines);
  JS_FreeValue(js, stack);
  return text;
}

// Ends the instance with what is pending as an error in the log.
_Noreturn void die(void) {
  JSValue error = JS_GetException(js);
  char *text = text_of(error);
  // The SDK hides what it has told itself.
  if (text && *text) {
    actor_string_t line = {(uint8_t *)text, strlen(text)};
    greenroom_actor_log_write(GREENROOM_ACTOR_LOG_LEVEL_ERROR, &line);
  }
  __builtin_trap();
}

static void run_jobs(void) {
  JSContext *context;
  int ran;
  do ran = JS_ExecutePendingJob(JS_GetRuntime(js), &context);
  while (ran > 0);
}

// The value of what a function gave: that of a promise, once everything there is to do was done.
static JSValue settled(JSValue value) {
  run_jobs();
  if (!JS_IsUndefined(rejected)) {
    JS_FreeValue(js, value);
    JSValue why = rejected;
    rejected = JS_UNDEFINED;
    return JS_Throw(js, why);
  }
  JSPromiseStateEnum state = JS_PromiseState(js, value);
  if (state == JS_PROMISE_NOT_A_PROMISE) return value;
  JSValue result = JS_PromiseResult(js, value);
  JS_FreeValue(js, value);
  if (state == JS_PROMISE_FULFILLED) return result;
  JS_FreeValue(js, result);
  return JS_ThrowTypeError(js, "it waits for a promise that nothing in this turn fulfils");
}

// Calls one of the actor's functions, and frees the arguments. An exception is pending when it throws.
JSValue call(const char *name, int argc, JSValue *argv) {
  JSValue function = JS_GetPropertyStr(js, actor, name);
  JSValue value = JS_Call(js, function, actor, argc, (JSValueConst *)argv);
  for (int i = 0; i < argc; i++) JS_FreeValue(js, argv[i]);
  JS_FreeValue(js, function);
  // One that throws has nothing to be done after it.
  return JS_IsException(value) ? value : settled(value);
}

// Memory for what is given to `prepare`.
__attribute__((export_name("allocate"))) void *allocate(size_t length) { return malloc(length); }

static JSValue define_global(const char *name, JSValue value) {
  JSValue global = JS_GetGlobalObject(js);
  JS_DefinePropertyValueStr(js, global, name, value, JS_PROP_CONFIGURABLE | JS_PROP_WRITABLE);
  JS_FreeValue(js, global);
  return JS_UNDEFINED;
}

// Runs a module, `source` with a zero behind it, and keeps what it exports. `places` says where the parts of it come from.
// Gives back nothing, or what went wrong as text.
__attribute__((export_name("prepare"))) char *prepare(char *source, char *places) {
  JSRuntime *runtime = JS_NewRuntime();
  JS_SetMaxStackSize(runtime, STACK);
  js = JS_NewContext(runtime);
  rejected = JS_UNDEFINED;
  JS_SetHostPromiseRejectionTracker(runtime, on_rejection, NULL);
  JSValue host = js_host();
  JS_SetPropertyStr(js, host, "places", JS_NewString(js, places));
  define_global("greenroomHost", host);

  JSValue module = JS_Eval(js, source, strlen(source), "actor.js", JS_EVAL_TYPE_MODULE | JS_EVAL_FLAG_COMPILE_ONLY);
  free(source);
  free(places);
  JSValue ran = JS_EXCEPTION;
  JSModuleDef *definition = NULL;
  if (!JS_IsException(module)) {
    definition = JS_VALUE_GET_PTR(module);
    ran = JS_EvalFunction(js, module);
    // A module that fails is a promise that was rejected, for which nobody waits yet.
    JSPromiseStateEnum state = JS_PromiseState(js, ran);
    if (state == JS_PROMISE_REJECTED) {
      JS_FreeValue(js, rejected);
      rejected = JS_PromiseResult(js, ran);
    }
    ran = settled(ran);
  }
  if (JS_IsException(ran)) {
    JSValue error = JS_GetException(js);
    return text_of(error);
  }
  JS_FreeValue(js, ran);
  actor = JS_GetModuleNamespace(js, definition);
  JS_RunGC(runtime);
  return NULL;
}
