// The exports of the contract, for a component. Natively there are none: a test calls the actor's functions.
#pragma once

#ifdef __wasm__
#include "../../bindings/exports.h"
#else
#define GR_EXPORTS_BEHAVIOR() struct gr_exports
#define GR_EXPORTS_STATE() struct gr_exports
#define GR_EXPORTS_SIGNALS() struct gr_exports
#define GR_EXPORTS_REPLIES() struct gr_exports
#endif
