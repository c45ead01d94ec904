// Checks of `topics` and `routes`.

#include <stdlib.h>

#include "result.h"

// topics and routes

static void topic_error(text_t *result, greenroom_actor_topics_topic_error_t *error) {
  begin_error(result);
  switch (error->tag) {
    case GREENROOM_ACTOR_TOPICS_TOPIC_ERROR_INVALID: text_case(result, "invalid", &error->val.invalid); break;
    case GREENROOM_ACTOR_TOPICS_TOPIC_ERROR_NOT_GRANTED: text_case(result, "not-granted", &error->val.not_granted); break;
    case GREENROOM_ACTOR_TOPICS_TOPIC_ERROR_TOO_LARGE: text_case_number(result, "too-large", error->val.too_large); break;
    case GREENROOM_ACTOR_TOPICS_TOPIC_ERROR_NO_REGISTRY: text_case(result, "no-registry", NULL); break;
    default: text_case(result, "other", &error->val.other);
  }
  end(result);
  greenroom_actor_topics_topic_error_free(error);
}

static void publish(args_t *args, text_t *result, outcome_t *outcome) {
  (void)outcome;
  actor_string_t topic = arg_text(args);
  message_t message = arg_message(args);
  greenroom_actor_topics_topic_error_t error;
  if (greenroom_actor_topics_publish(&topic, &message, &error)) ok(result);
  else topic_error(result, &error);
}

static void subscribe(args_t *args, text_t *result, outcome_t *outcome) {
  (void)outcome;
  actor_string_t pattern = arg_text(args);
  greenroom_actor_topics_topic_error_t error;
  if (greenroom_actor_topics_subscribe(&pattern, &error)) ok(result);
  else topic_error(result, &error);
}

static void unsubscribe(args_t *args, text_t *result, outcome_t *outcome) {
  (void)outcome;
  actor_string_t pattern = arg_text(args);
  greenroom_actor_topics_unsubscribe(&pattern);
  nothing(result);
}

static void routes_error(text_t *result, actor_string_t *why) {
  begin_error(result);
  text_string(result, *why);
  end(result);
  actor_string_free(why);
}

static void set_route(args_t *args, text_t *result, outcome_t *outcome) {
  (void)outcome;
  actor_string_t pattern = arg_text(args), why;
  address_t receivers[8];
  greenroom_actor_routes_list_address_t list = {receivers, 0};
  while (args->left && list.len < 8) receivers[list.len++] = whom(args);
  if (greenroom_actor_routes_set(&pattern, &list, &why)) ok(result);
  else routes_error(result, &why);
}

static void current_routes(args_t *args, text_t *result, outcome_t *outcome) {
  (void)args, (void)outcome;
  greenroom_actor_routes_list_route_t routes;
  actor_string_t why;
  if (!greenroom_actor_routes_current(&routes, &why)) return routes_error(result, &why);
  text_word(result, "{\"ok\":[");
  for (size_t i = 0; i < routes.len; i++) {
    text_word(result, i ? ",{\"pattern\":" : "{\"pattern\":");
    text_string(result, routes.ptr[i].pattern);
    text_word(result, ",\"receivers\":[");
    for (size_t j = 0; j < routes.ptr[i].receivers.len; j++) {
      if (j) text_word(result, ",");
      text_address(result, routes.ptr[i].receivers.ptr[j]);
    }
    text_word(result, "]}");
  }
  text_word(result, "]}");
  greenroom_actor_routes_list_route_free(&routes);
}

const check_t TOPICS[] = {
    {"topics.publish", publish},
    {"topics.subscribe", subscribe},
    {"topics.unsubscribe", unsubscribe},
    {"routes.set", set_route},
    {"routes.current", current_routes},
    {0},
};
