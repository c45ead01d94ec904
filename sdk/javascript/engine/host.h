// What the files of the host's functions have in common.
#ifndef GREENROOM_HOST_H
#define GREENROOM_HOST_H

#include "engine.h"

#define FUNCTION(name) static JSValue name(JSContext *context, JSValueConst this, int argc, JSValueConst *argv)
#define UNUSED (void)context, (void)this, (void)argc, (void)argv

// A kind and a body. False: it is none, and an exception is pending.
bool to_message(JSValueConst kind, JSValueConst body, message_t *message);

// Each puts its functions into the object.
void add_messaging(JSValue host);
void add_family(JSValue host);
void add_places(JSValue host);

#endif
