// What this actor does when it is told to: a check for each import, and those of its own.
#pragma once

#include "args.h"

// What a turn comes to, unless a check decides otherwise.
typedef struct {
  next_turn_t next;
  // The text of the error that the turn returns.
  bool fails;
  actor_string_t why;
} outcome_t;

typedef struct {
  const char *name;
  void (*run)(args_t *args, text_t *result, outcome_t *outcome);
} check_t;

// Checks, each list to one without a name: of imports by their interfaces, of exports, and such as misuse imports.
extern const check_t MESSAGING[], FAMILY[], TOPICS[], HOUSE[], TURNS[], STATE[], GARBAGE[];

// Runs a check, if there is one of this name. Its result is JSON.
bool check(actor_string_t name, args_t args, text_t *result, outcome_t *outcome);

// How this actor was started, as JSON.
extern text_t started;
// A copy for the caller of an export, who frees it.
actor_string_t copy(actor_string_t string);
