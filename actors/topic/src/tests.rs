//! What goes in comes out on the topic.

use crate::Topic;
use greenroom::test::Test;
use greenroom::{AskError, Message};

fn topic() -> Test<Topic> {
    Test::start(serde_json::json!({ "topic": "kettle/log" }))
}

#[test]
fn messages_are_published_as_they_are() {
    let mut topic = topic();
    let messages = [Message::new("sample", r#"{"time":1}"#), Message::new("note", []), Message::new("raw", [0xff, 0])];
    for message in &messages {
        topic.tell(message.clone());
    }
    assert_eq!(topic.published("kettle/log"), messages);
}

#[test]
fn the_last_one_and_the_count_are_kept_over_swaps_and_restarts() {
    let mut topic = topic();
    let nothing = topic.ask::<Message>(Message::new("last", []));
    assert_eq!(nothing, Err(AskError::Refused("nothing has been published here yet".into())));
    let sample = Message::new("sample", r#"{"time":1}"#);
    topic.tell(Message::new("sample", "{}"));
    topic.tell(sample.clone());
    let mut topic = topic.swap::<Topic>();
    topic.restart();
    assert_eq!(topic.ask::<Message>(Message::new("last", [])), Ok(sample));
    assert_eq!(topic.ask::<u64>(Message::new("count", [])), Ok(2));
}

#[test]
fn a_topic_that_it_may_not_publish_on_is_its_end() {
    let mut topic = topic();
    topic.deny("publish:kettle/log");
    topic.tell(Message::new("sample", "{}"));
    let why = topic.why_ended().map(|why| why.to_string());
    assert_eq!(why.as_deref(), Some("failed: not granted: the manifest has to grant `publish:kettle/log`"));
}
