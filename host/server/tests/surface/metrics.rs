//! `/metrics` through an independent parser.

use crate::fixture::Fixture;
use prometheus_parse::{Scrape, Value};
use std::collections::BTreeSet;

#[tokio::test]
async fn metrics_are_parsed_and_true() {
    let host = Fixture::start("[device.heater]\nkind = \"sim-relay\"\nsafe = \"off\"\n").await;
    let _stream = host.stream("/events", &[]).await;
    let before = host.handle.hub().counts().published;
    host.publish("a", "k", "1");
    let answer = host.get("/metrics").await;
    assert_eq!(answer.header("content-type"), "application/openmetrics-text; version=1.0.0; charset=utf-8");
    assert!(answer.body.ends_with("# EOF\n"));
    let scrape = Scrape::parse(answer.body.lines().map(|line| Ok(line.to_owned()))).unwrap();
    let value = |name: &str, labels: &[(&str, &str)]| {
        let has =
            |sample: &prometheus_parse::Sample| labels.iter().all(|(key, value)| sample.labels.get(key) == Some(value));
        let sample = scrape.samples.iter().find(|sample| sample.metric == name && has(sample));
        match sample.unwrap_or_else(|| panic!("no {name} in\n{}", answer.body)).value {
            Value::Counter(value) | Value::Gauge(value) | Value::Untyped(value) => value,
            ref other => panic!("{other:?}"),
        }
    };
    assert_eq!(value("greenroom_host_info", &[("name", "greenroom")]), 1.0);
    assert_eq!(value("greenroom_streams", &[]), 1.0);
    assert!(value("greenroom_topics", &[]) >= 1.0);
    assert!(value("greenroom_history_messages", &[]) >= before as f64);
    assert!(value("greenroom_history_bytes", &[]) > 0.0);
    assert!(value("greenroom_uptime_seconds", &[]) > 0.0);
    for outcome in ["taken", "refused", "rolled-back"] {
        assert_eq!(value("greenroom_swaps_total", &[("outcome", outcome)]), 0.0);
    }
    for kept in ["greenroom_kept_writes_total", "greenroom_kept_written_bytes_total"] {
        assert_eq!(value(kept, &[]), 0.0, "it has no folder");
    }
    assert_eq!(value("greenroom_actors", &[]), 0.0);
    assert_eq!(value("greenroom_device_value", &[("device", "heater")]), 0.0);
    assert_eq!(value("greenroom_device_missing", &[("device", "heater")]), 0.0);
    // Every sample belongs to a metric with a type and a help, each given once (OpenMetrics 1.0, "MetricFamily").
    let described = |word: &str| {
        let named =
            answer.body.lines().filter_map(|line| line.strip_prefix(word)?.split(' ').next().map(str::to_owned));
        let named: Vec<_> = named.collect();
        let once: BTreeSet<_> = named.iter().cloned().collect();
        assert_eq!(once.len(), named.len(), "{word} twice");
        once
    };
    let (typed, helped) = (described("# TYPE "), described("# HELP "));
    assert_eq!(typed, helped);
    for sample in &scrape.samples {
        let family = sample.metric.trim_end_matches("_total").trim_end_matches("_info");
        assert!(typed.contains(family) || typed.contains(&sample.metric), "{} has no type", sample.metric);
    }
}
