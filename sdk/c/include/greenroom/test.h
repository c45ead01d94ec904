// Tests of an actor, natively, without a host, in virtual time. A test program is the actor's sources, the SDK's (`src/*.c`),
// `test/host.c`, and a `main` that calls these. It has one actor, the exported one, started as often as it likes.
//
//   gr_test_start("{}");
//   gr_test_tell(gr_message("add", ADD, &(add_t){3}));
//   GR_CHECK(!strcmp(gr_test_ask(gr_signal("how-many")), "3"));
//
// Texts are good until the next start. What cannot be ends the program with a line on the standard error.
#pragma once

#include "../greenroom.h"

#ifdef __cplusplus
extern "C" {
#endif

// Ends the program when a condition does not hold.
#define GR_CHECK(condition) ((condition) ? (void)0 : gr_test_fail(__FILE__, __LINE__, #condition))
void gr_test_fail(const char *file, int line, const char *what) __attribute__((noreturn));

// Starts the actor with a configuration, a JSON object: at time 0, with nothing sent.
void gr_test_start(const char *config);
// The same of one that may not start: NULL, or why; "ignore" when there is nothing to do.
const char *gr_test_try(const char *config);

// Tells it something, and has it handle that and what comes of it.
void gr_test_tell(gr_message_t message);
// The same, with who sent it (may be NULL) and the topic that it was published on (may be NULL).
void gr_test_hear(const gr_address_t *sender, const char *topic, gr_message_t message);
// Asks: the answer's body; or NULL, and gr_test_why says whether it was refused and why, or has no answer yet.
const char *gr_test_ask(gr_message_t message);
const char *gr_test_why(void);
// The answer to the last question, if it came in a later turn. NULL: not yet.
const char *gr_test_answered(void);
// Lets time pass, with the timers that fall due.
void gr_test_advance(uint64_t milliseconds);

// A new incarnation from what is kept, without timers; new code that takes over, with them.
void gr_test_restart(void);
void gr_test_swap(void);
// New code that takes over from what an older version kept: NULL, or why it cannot.
const char *gr_test_take_over(uint32_t version, const char *json);
// What is kept, as JSON.
const char *gr_test_kept(void);
// Why the actor has ended, or NULL.
const char *gr_test_ended(void);

// What the actor has sent to others, asked them, or published, in order.
typedef struct {
  // The receiver, or the topic.
  gr_address_t to;
  const char *topic;
  // The number of a question, or 0.
  uint64_t request;
  const char *kind;
  const char *body;
} gr_test_sent_t;

size_t gr_test_count(void);
const gr_test_sent_t *gr_test_sent(size_t number);
// The last body on a topic, or NULL.
const char *gr_test_published(const char *topic);
// Gives the answer to a question of the actor's own; or that there is none.
void gr_test_answer(uint64_t request, gr_message_t answer);
void gr_test_no_answer(uint64_t request);

// What a device was set to (-1: nothing yet), and the value that one has.
double gr_test_output(const char *device);
void gr_test_measure(const char *device, double value);
// Somebody has a name.
void gr_test_name(const char *name, gr_address_t who);
// The last line of the log, or "".
const char *gr_test_logged(void);

// The actor's own address in a test.
#define GR_TEST_SELF ((gr_address_t){1, 1})

#ifdef __cplusplus
}
#endif
